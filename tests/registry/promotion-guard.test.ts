import { expect, test } from "vitest";
import { environmentTags, gateTags, type Verdict } from "../../registry/evidence.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { findRefusals } from "../../registry/promotion-guard.ts";
import { withdrawalTags } from "../../registry/withdrawal.ts";
import { versionWith } from "./model-version.ts";

const SHA = "a".repeat(64);
const OTHER = "b".repeat(64);
const refusals = (version: ModelVersion, sha256: string) => findRefusals(version, sha256).map(({ reason }) => reason);

const gate = (verdict: Verdict = "passed", modelSha256 = SHA) =>
  gateTags({
    ...{ verdict, modelSha256, summary: "accuracy 0.8975 < 0.90 required", policySha256: "p" },
    ...{ evaluationMd5: "e", report: "r", judgedAt: "t" },
  });
const staging = (verdict: Verdict = "passed", modelSha256 = SHA) =>
  environmentTags("staging", {
    ...{ verdict, modelSha256, summary: "latency: p95 120.0 ms > 100 ms allowed", report: "r", verifiedAt: "t" },
  });

const NOT_JUDGED = "the quality gate has not judged it: run `pulumi up -s staging` on it first";
const GATE_FAILED = "its quality gate failed: accuracy 0.8975 < 0.90 required";
const NOT_JUDGED_FILES = `its files are not the ones that the quality gate judged: sha256 was ${OTHER}, the registry now has ${SHA}`;
const NOT_PROVED = "staging has not proved it: let it serve in staging first";
const STAGING_FAILED = "staging could not prove it: latency: p95 120.0 ms > 100 ms allowed";
const NOT_PROVED_FILES = `its files are not the ones that staging proved: sha256 was ${OTHER}, the registry now has ${SHA}`;

test("lets a version pass whose very files the gate passed and staging proved", () => {
  expect(refusals(versionWith({ ...gate(), ...staging() }), SHA)).toEqual([]);
});

test.each([
  ["that no gate judged", staging(), [NOT_JUDGED]],
  ["whose gate failed", { ...gate("failed"), ...staging() }, [GATE_FAILED]],
  ["whose artifact changed after its gate", { ...gate("passed", OTHER), ...staging() }, [NOT_JUDGED_FILES]],
  ["that staging has not proved", gate(), [NOT_PROVED]],
  ["that staging could not prove", { ...gate(), ...staging("failed") }, [STAGING_FAILED]],
  ["whose artifact changed after staging", { ...gate(), ...staging("passed", OTHER) }, [NOT_PROVED_FILES]],
  ["without any evidence", {}, [NOT_JUDGED, NOT_PROVED]],
  [
    "with everything against it, all at once",
    { ...gate("failed", OTHER), ...staging("failed", OTHER) },
    [GATE_FAILED, NOT_JUDGED_FILES, STAGING_FAILED, NOT_PROVED_FILES],
  ],
])("refuses a version %s", (_name, tags, reasons) => {
  expect(refusals(versionWith(tags), SHA)).toEqual(reasons);
});

test("refuses a withdrawn version, with reason and way out, whatever else speaks for it, and nobody can answer for it", () => {
  const proved = { ...gate(), ...staging() };
  const tags = withdrawalTags("leaks names", "ada", new Date("2026-05-01T12:00:00Z"));
  expect(findRefusals(versionWith({ ...proved, ...tags }), SHA)).toEqual([
    {
      reason:
        "it was withdrawn: leaks names (by ada on 2026-05-01T12:00:00.000Z). Go back to the last good version: npm run rollback -- --stack <name>",
      overridable: false,
    },
  ]);
  // The one tag, set by hand on MLflow's page.
  expect(refusals(versionWith({ ...proved, "gate.withdrawn": "leaks names" }), SHA)[0]).toContain(
    "it was withdrawn: leaks names. Go back",
  );
  expect(refusals(versionWith({ ...proved, "gate.withdrawn": " " }), SHA)[0]).toContain("no reason was given");
});

test("refuses half a piece of evidence, and a verdict in other words than passed", () => {
  const { "gate.model_sha256": _, ...half } = gate();
  expect(refusals(versionWith({ ...half, ...staging() }), SHA)).toEqual([NOT_JUDGED]);
  const worded = refusals(versionWith({ ...gate(), ...staging(), "gate.verdict": "PASSED" }), SHA);
  expect(worded).toHaveLength(1);
});

test("takes what production proved for no proof of staging", () => {
  const production = environmentTags("production", {
    ...{ verdict: "passed", modelSha256: SHA, summary: "s", report: "r", verifiedAt: "t" },
  });
  expect(refusals(versionWith({ ...gate(), ...production }), SHA)).toEqual([NOT_PROVED]);
});
