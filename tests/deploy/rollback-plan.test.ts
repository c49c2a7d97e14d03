import { expect, test } from "vitest";
import { describePlan, planRollback, type Refusals, requireServed } from "../../deploy/rollback-plan.ts";
import { expectedVersion, servedInstead } from "../../deploy/what-serves.ts";
import { environmentTags, gateTags, type Verdict } from "../../registry/evidence.ts";
import type { HistoryEvent } from "../../registry/history-event.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { withdrawalOf } from "../../registry/withdrawal.ts";
import { versionWith } from "../registry/model-version.ts";

const sha = (version: string) => version.repeat(64);
const proved = (
  version: string,
  more: Readonly<Record<string, string>> = {},
  verdict: Verdict = "passed",
): ModelVersion => ({
  ...versionWith({
    ...gateTags({
      verdict,
      modelSha256: sha(version),
      summary: "accuracy 0.8975 >= 0.85 required",
      policySha256: "p",
      evaluationMd5: "e",
      report: "r",
      judgedAt: "2026-01-01T08:00:00.000Z",
    }),
    ...environmentTags("staging", {
      verdict: "passed",
      modelSha256: sha(version),
      summary: "s",
      report: "r",
      verifiedAt: "2026-01-01T09:00:00.000Z",
    }),
    ...more,
  }),
  version,
});

const promoted = (...versions: string[]): HistoryEvent[] =>
  versions.map((to, day) => ({
    kind: "promotion",
    to,
    when: `2026-02-0${day + 1}T00:00:00.000Z`,
    who: "ada",
    why: "",
  }));

/** The guard's reasons for versions that are verified, except for a withdrawal or a verdict. */
const refusalsOf = (versions: readonly ModelVersion[]): Refusals =>
  new Map(
    versions.map((found) => {
      const withdrawn = withdrawalOf(found);
      const failed = found.tags["gate.verdict"] === "failed";
      return [
        found.version,
        [...(withdrawn ? [`it was withdrawn: ${withdrawn}`] : []), ...(failed ? ["its quality gate failed"] : [])],
      ];
    }),
  );
const plan = (versions: readonly ModelVersion[], to?: string) =>
  planRollback(EVENTS, versions, refusalsOf(versions), "3", { wanted: to });

const EVENTS = promoted("1", "2", "3");

test("goes back to the last version that would pass the guard, and describes it", () => {
  const found = plan([proved("1"), proved("2"), proved("3")]);
  expect(found).toMatchObject({ from: "3", to: "2" });
  expect(describePlan(found)).toBe(
    [
      `from  version 3, sha256 ${sha("3")}`,
      `to    version 2, sha256 ${sha("2")}`,
      "      in production from 2026-02-02T00:00:00.000Z until 2026-02-03T00:00:00.000Z",
      "      gate passed on 2026-01-01T08:00:00.000Z: accuracy 0.8975 >= 0.85 required",
      "      staging passed on 2026-01-01T09:00:00.000Z",
    ].join("\n"),
  );
});

test.each([
  ["q", "under another policy"],
  ["p", "against another champion"],
])("shows the evidence of the promotion, and names a later failure that does not count", (policySha256, reason) => {
  const second = proved("2", { "gate.policy_sha256": policySha256, "staging.verdict": "failed" }, "failed");
  const events = EVENTS.map((event) => ({ ...event, policySha256: "p", stagingReport: "s" }));
  // The guard has no reasons against it: a later failure under other terms is ignored.
  const found = planRollback(events, [second, proved("3")], new Map([["2", []]]), "3");
  expect(describePlan(found).split("\n").slice(3)).toEqual([
    "      gate passed and staging verified it before it went into production on 2026-02-02T00:00:00.000Z: this evidence counts",
    `      gate failed later, on 2026-01-01T08:00:00.000Z, ${reason}, which does not count: accuracy 0.8975 >= 0.85 required`,
    "      staging failed on 2026-01-01T09:00:00.000Z, which does not count",
  ]);
});

const failedUpdate = (...more: ModelVersion[]) => {
  const versions = [proved("1"), proved("2"), proved("3"), ...more];
  return (wanted?: string, events = EVENTS) =>
    planRollback(events, versions, refusalsOf(versions), events.at(-1)?.to, { wanted, instead: "4" });
};

test("goes back to the registry's version if callers reach one whose update failed", () => {
  const plan = failedUpdate(proved("4"));
  for (const wanted of [undefined, "3"]) {
    expect(plan(wanted)).toMatchObject({ from: "4", to: "3" });
    expect(describePlan(plan(wanted))).toMatch(
      /^from {2}version 4, sha256 4+\nto {4}version 3, sha256 3+\n {6}in production since 2026-02-03T00:00:00.000Z\n/,
    );
  }
  expect(plan("1")).toMatchObject({ from: "4", to: "1" });
});

test("goes back to the only good version", () => {
  expect(failedUpdate(proved("4"))(undefined, promoted("2"))).toMatchObject({ from: "4", to: "2" });
});

test("does not roll back to a version that serves although its update failed", () => {
  expect(() => failedUpdate(proved("4"))("4")).toThrow(
    "version 4 serves already, although its update failed. To try that again, run pulumi up",
  );
});

test("skips the registry's version if it was withdrawn, and says so if no version is left", () => {
  const versions = [proved("2"), proved("3", { "gate.withdrawn": "leaks names" }), proved("4")];
  const plan = (events: HistoryEvent[]) => planRollback(events, versions, refusalsOf(versions), "3", { instead: "4" });
  expect(plan(EVENTS).to).toBe("2");
  expect(() => plan(promoted("3"))).toThrow("  - version 3: it was withdrawn: leaks names");
});

test.each([
  ["the registry's version", ["2"], "3", "2", undefined],
  ["another version", ["3"], "3", "2", "3"],
  ["both, as during a rollout that failed", ["2", "3"], "3", "2", "3"],
  ["no answer, and the last update was to another version", [], "3", "2", "3"],
  ["no answer, and no update is known", [], undefined, "2", undefined],
  ["any version, and the registry has none", ["3"], "3", undefined, undefined],
])("callers reach %s", (_what, served, configured, production, instead) => {
  expect(servedInstead(served, configured, production)).toBe(instead);
});

test("without an answer, the history says what the last update should serve, not an older stack file", () => {
  const event = (kind: HistoryEvent["kind"], to: string): HistoryEvent => ({ kind, to, when: "", who: "ann", why: "" });
  const served = event("promotion", "5");
  expect(expectedVersion([event("promotion", "4"), served], "4")).toBe("5");
  expect(expectedVersion([served, event("failure", "6")], "5")).toBe("6");
  expect(expectedVersion([served, event("refusal", "6")], "6")).toBe("5");
  expect(expectedVersion([], "4")).toBe("4");
});

test("considers an update that was killed early, because its rollout continues, unless it was to the version in production", () => {
  expect(servedInstead(["2"], "3", "2", "3")).toBe("3");
  expect(servedInstead(["4"], "3", "2", "3")).toBe("4");
  expect(servedInstead(["2"], "2", "2", "2")).toBeUndefined();
});

test.each([
  ["withdrawn", proved("2", { "gate.withdrawn": "leaks names" })],
  ["judged again and failed", proved("2", {}, "failed")],
])("passes over a version that was %s", (_name, second) => {
  expect(plan([proved("1"), second, proved("3")]).to).toBe("1");
});

test("skips a version without a signed verdict if signatures are required", () => {
  const versions = [proved("1"), proved("2"), proved("3")];
  const refusals = new Map([...refusalsOf(versions), ["2", ["signature: the gate's verdict is not signed"]]]);
  expect(planRollback(EVENTS, versions, refusals, "3").to).toBe("1");
});

test("lists the version that was rolled back from among the versions that are ruled out", () => {
  const events: HistoryEvent[] = [
    ...promoted("1", "2"),
    { kind: "rollback", to: "1", when: "2026-03-01T00:00:00.000Z", who: "ada", why: "" },
  ];
  const versions = [proved("1"), proved("2")];
  expect(() => planRollback(events, versions, refusalsOf(versions), "1")).toThrow(
    "  - version 2: rolled back from on 2026-03-01T00:00:00.000Z",
  );
});

test("skips a version that was deleted", () => {
  expect(plan([proved("1"), proved("3")]).to).toBe("1");
});

test("says why no version can be rolled back to", () => {
  const versions = [proved("1", { "gate.withdrawn": "leaks names" }), proved("3")];
  expect(() => plan(versions)).toThrow(
    /there is no version to go back to .*\n {2}- version 2: the registry no longer has it\n {2}- version 1: it was withdrawn: leaks names.*\nName one: npm run rollback -- --stack <name> --to <version>/,
  );
});

test("goes to the requested version, unless it is in production, missing or refused", () => {
  const versions = [proved("1"), proved("2", { "gate.withdrawn": "leaks names" }), proved("3"), proved("4")];
  expect(plan(versions, "4")).toMatchObject({ to: "4", last: undefined });
  expect(() => plan(versions, "3")).toThrow("version 3 is in production already");
  expect(() => plan(versions, "9")).toThrow("the registry has no version 9");
  expect(() => plan(versions, "2")).toThrow("version 2 cannot be rolled back to:\n  - it was withdrawn: leaks names");
});

test.each([
  ["another model", { model: "other-model" }, "other-model version 2"],
  ["another version", { version: "3" }, "churn-model version 3"],
  ["other files", { sha256: sha("9") }, "churn-model version 2"],
])("a rollback after which %s serves has not ended well", (_what, other, described) => {
  const planned = { model: "churn-model", version: "2", sha256: plan([proved("2"), proved("3")], "2").toSha256 };
  requireServed("http://production", planned, planned);
  requireServed("http://production", planned, { ...planned, sha256: undefined });
  expect(() => requireServed("http://production", { ...planned, ...other }, planned)).toThrow(
    `http://production serves ${described}, sha256 `,
  );
  expect(() => requireServed("http://production", undefined, planned)).toThrow(
    `serves nothing; it should be churn-model version 2, sha256 ${sha("2")}`,
  );
});
