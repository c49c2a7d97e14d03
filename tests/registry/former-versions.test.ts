import { expect, test } from "vitest";
import { formerVersions } from "../../registry/former-versions.ts";
import type { HistoryEvent } from "../../registry/history-event.ts";

/** Parses `promotion 1, refusal 2` to events, one per day. */
const history = (text: string): HistoryEvent[] =>
  text.split(", ").map((entry, day) => {
    const [kind = "", to] = entry.split(" ");
    const when = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
    return { kind: kind as HistoryEvent["kind"], when, who: "ada", why: "", ...(to !== undefined && { to }) };
  });

test.each([
  ["nothing was ever in production", "refusal 1", undefined, []],
  ["the first version has none before it", "promotion 1", "1", []],
  ["the one before", "promotion 1, promotion 2", "2", ["1"]],
  ["the last one first", "promotion 1, promotion 2, promotion 3", "3", ["2", "1"]],
  ["not the one that was rolled back from", "promotion 1, promotion 2, promotion 3, rollback 2", "2", ["1"]],
  [
    "unless it came back and was good",
    "promotion 1, promotion 2, rollback 1, promotion 2, promotion 3",
    "3",
    ["2", "1"],
  ],
  ["an override counts as long as it stands", "promotion 1, override 2, promotion 3", "3", ["2", "1"]],
  ["what was refused, failed or withdrawn was never there", "promotion 1, refusal 2, failure 3, withdrawal 4", "1", []],
  ["after production was taken down", "promotion 1, promotion 2, removal", undefined, ["2", "1"]],
])("%s: %s", (_name, events, current, expected) => {
  const good = formerVersions(history(events), current).filter(({ wasGood }) => wasGood);
  expect(good.map(({ version }) => version)).toEqual(expected);
});

test("reports when a version was last in production, and which one was rolled back from", () => {
  const events = history("promotion 1, promotion 2, rollback 1, promotion 3");
  expect(formerVersions(events, "3")).toEqual([
    { version: "1", from: "2026-01-03T00:00:00.000Z", until: "2026-01-04T00:00:00.000Z", wasGood: true },
    { version: "2", from: "2026-01-02T00:00:00.000Z", until: "2026-01-03T00:00:00.000Z", wasGood: false },
  ]);
});
