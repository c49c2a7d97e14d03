import { expect, test } from "vitest";
import { decidePromotion, isByOverride } from "../../registry/promotion-override.ts";

const NOW = new Date("2026-05-01T12:00:00Z");
const OVERRIDE = { version: "2", reason: "outage of version 1", who: "ada", expires: "2026-05-02T12:00:00Z" };
const FAILED = { reason: "its quality gate failed", overridable: true };
const CHANGED = { reason: "its files are not the ones that were judged", overridable: false };

test("allows a version without refusals and ignores the override", () => {
  const decision = decidePromotion("2", [], OVERRIDE, NOW);
  expect(decision).toEqual({ allowed: true, lines: [], why: "the gate passed it and staging verified it" });
  expect(isByOverride(decision.why)).toBe(false);
});

test("an override allows a version until it expires, and the history records it in full", () => {
  const { allowed, why } = decidePromotion("2", [FAILED], OVERRIDE, NOW);
  expect(allowed).toBe(true);
  expect(isByOverride(why)).toBe(true);
  expect(why).toBe(
    "override: outage of version 1 (ada answers for it until 2026-05-02T12:00:00Z; refused because its quality gate failed)",
  );
});

test.each([
  ["2026-05-02T11:59:59Z", true],
  ["2026-05-02T12:00:00Z", false],
  ["2026-05-02T14:00:01+02:00", false],
])("at %s it counts: %s", (now, allowed) => {
  expect(decidePromotion("2", [FAILED], OVERRIDE, new Date(now)).allowed).toBe(allowed);
});

test("an expired override does not count and is reported with its date", () => {
  const expired = { ...OVERRIDE, expires: "2026-04-30T00:00:00Z" };
  expect(decidePromotion("2", [FAILED], expired, NOW)).toMatchObject({
    allowed: false,
    lines: ["its quality gate failed", "promotion.override by ada expired on 2026-04-30T00:00:00Z"],
  });
  expect(decidePromotion("2", [FAILED], { ...OVERRIDE, expires: "never" }, NOW).allowed).toBe(false);
});

test("an override of another version does not count", () => {
  expect(decidePromotion("3", [FAILED], OVERRIDE, NOW)).toMatchObject({ allowed: false, lines: [FAILED.reason] });
});

test("no override covers files that were not judged, nor any refusal beside that one", () => {
  expect(decidePromotion("2", [FAILED, CHANGED], OVERRIDE, NOW)).toMatchObject({
    allowed: false,
    lines: [FAILED.reason, `${CHANGED.reason} (promotion.override cannot override this)`],
  });
});
