import { hostname, userInfo } from "node:os";
import { expect, test } from "vitest";
import {
  type HistoryEvent,
  inProductionAt,
  momentAfter,
  moveKind,
  movesAmong,
  openAttempt,
  withoutEnded,
} from "../../registry/history-event.ts";
import { parseMoment } from "../../registry/history-moment.ts";
import { whoAmI } from "../../registry/provenance.ts";

const event = (day: string, kind: HistoryEvent["kind"], to?: string): HistoryEvent => ({
  kind,
  when: `${day}T12:00:00.000Z`,
  who: "ada",
  why: "",
  ...(to !== undefined && { to }),
});
const events = [
  event("2026-01-10", "promotion", "1"),
  event("2026-02-10", "refusal", "2"),
  event("2026-03-10", "override", "3"),
  event("2026-04-10", "rollback", "1"),
  event("2026-04-12", "failure", "4"),
  event("2026-04-13", "withdrawal", "3"),
  event("2026-05-10", "removal"),
];

test.each([
  ["2026-01-09", undefined],
  ["2026-01-10", "1"],
  ["2026-02-11", "1"],
  ["2026-03-10T11:59:59Z", "1"],
  ["2026-03-10T13:00:00+01:00", "3"],
  ["2026-05-01", "1"],
  ["2026-05-10", undefined],
])("answers what was in production at %s: %s", (at, version) => {
  expect(inProductionAt(events, parseMoment(at))?.to).toBe(version);
});

test.each(["yesterday", "2026-05-01T12:00:00", "2026-13-01"])("rejects %s as a moment", (text) => {
  expect(() => parseMoment(text)).toThrow(`--at ${text} is not a valid time`);
});

test("classifies a move to a version that entered production earlier as a rollback, regardless of its number", () => {
  const [third, second] = [event("2026-01-10", "promotion", "3"), event("2026-02-10", "promotion", "2")];
  expect(moveKind(undefined, { from: undefined, to: undefined })).toBe("promotion");
  // Version 2 is promoted after version 3, so its first promotion is not a rollback.
  expect(moveKind("3", { from: third, to: undefined })).toBe("promotion");
  expect(moveKind("2", { from: second, to: third })).toBe("rollback");
  // Forward again to the version that was rolled back from.
  expect(moveKind("3", { from: third, to: second })).toBe("promotion");
  // Production was taken down in between.
  expect(moveKind(undefined, { from: undefined, to: third })).toBe("promotion");
  // The version in production was promoted manually.
  expect(moveKind("9", { from: undefined, to: third })).toBe("rollback");
});

test("counts a move once if two concurrent updates recorded it", () => {
  const moves = [
    event("2026-01-10", "promotion", "3"),
    event("2026-02-10", "rollback", "2"),
    event("2026-02-10", "rollback", "2"),
    event("2026-03-10", "removal"),
    event("2026-03-11", "removal"),
  ];
  expect(movesAmong(moves).map(({ to }) => to)).toEqual(["3", "2", undefined]);
});

test("names the user of the CI job, or else the user of this machine", () => {
  for (const name of ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOREMAIL"])
    expect(whoAmI({ [name]: "ada" }), name).toBe("ada");
  for (const env of [{}, { GITHUB_ACTOR: "" }]) expect(whoAmI(env)).toBe(`${userInfo().username}@${hostname()}`);
});

test("keeps events in order when the clock is set back", () => {
  const now = Date.parse("2026-03-01T12:00:00.000Z");
  expect(momentAfter(undefined, now)).toBe(now);
  expect(momentAfter("2026-03-01T11:59:00.000Z", now)).toBe(now);
  expect(momentAfter("2026-03-01T12:00:00.000Z", now)).toBe(now + 1);
  expect(momentAfter("2026-03-02T12:00:00.000Z", now)).toBe(Date.parse("2026-03-02T12:00:00.001Z"));
});

test.each([
  ["a promotion ends it", [event("2026-01-10", "attempt", "2"), event("2026-01-10", "promotion", "2")], undefined, 1],
  ["a failure ends it", [event("2026-01-10", "attempt", "2"), event("2026-01-10", "failure", "2")], undefined, 1],
  ["it is tried again", [event("2026-01-10", "attempt", "2"), event("2026-01-11", "attempt", "2")], "2", 1],
  ["another is tried", [event("2026-01-10", "attempt", "2"), event("2026-01-11", "attempt", "3")], "3", 2],
  ["callers went back", [event("2026-01-10", "attempt", "2"), event("2026-01-11", "return", "1")], undefined, 2],
  ["a refusal tells nothing of it", [event("2026-01-10", "attempt", "2"), event("2026-01-11", "refusal", "2")], "2", 2],
])("of an attempt: %s", (_, all, open, shown) => {
  expect(openAttempt(all)?.to).toBe(open);
  expect(withoutEnded(all)).toHaveLength(shown);
  expect(movesAmong(all).length).toBeLessThanOrEqual(1);
});
