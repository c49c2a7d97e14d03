import { expect, test } from "vitest";
import { parseMoment } from "../../registry/history-moment.ts";

test.each([
  ["2026-05-01", "2026-05-01T23:59:59.999Z"],
  ["2028-02-29", "2028-02-29T23:59:59.999Z"],
  ["2026-05-01T12:00:00Z", "2026-05-01T12:00:00.000Z"],
  ["2026-05-01 12:00+02:00", "2026-05-01T10:00:00.000Z"],
  ["2026-01-01T00:30:00.25+01:00", "2025-12-31T23:30:00.250Z"],
])("%s is %s", (text, moment) => {
  expect(parseMoment(text)).toBe(moment);
});

test.each(["2026-02-30", "2026-02-29", "2026-04-31T12:00:00Z", "2026-02-30T23:00:00-05:00"])(
  "%s is refused: no calendar has that day",
  (text) => {
    expect(() => parseMoment(text)).toThrow(`--at ${text} is not a valid time: ${text.slice(0, 10)} does not exist`);
  },
);

test.each([
  "yesterday",
  "2026-05-01T12:00:00",
  "2026-13-01",
  "2026-05-32",
  "2026-05-01T25:00:00Z",
  "May 1 2026 Z",
  "2026",
])("%s is refused: it is not a moment, or has no zone", (text) => {
  expect(() => parseMoment(text)).toThrow(
    `--at ${text} is not a valid time: use a day (2026-05-01) or a time with its zone`,
  );
});
