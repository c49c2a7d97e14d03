import { expect, test } from "vitest";
import { evaluateGuard, expectedRefusal } from "../../registry/evaluate-guard.ts";
import { gateTags } from "../../registry/evidence.ts";
import type { HistoryEvent } from "../../registry/history-event.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { findRefusals } from "../../registry/promotion-guard.ts";
import { withdrawalTags } from "../../registry/withdrawal.ts";
import { json, serve } from "../helpers/http-server.ts";
import { versionWith } from "./model-version.ts";
import {
  type CaseChanges,
  gateProof,
  gateReport,
  gateVerdict,
  POLICY,
  promotionCase,
  SHA,
  stagingProof,
  stagingVerdict,
  withReport,
} from "./promotion-case.ts";

const OTHER = "f".repeat(64);
const refusals = (changes?: CaseChanges) => findRefusals(promotionCase(changes)).map(({ reason }) => reason);

const NOT_JUDGED = "the quality gate has not judged it: run `pulumi up -s <staging's stack>` on it first";
const GATE_FAILED = "its quality gate failed: accuracy 0.8975 < 0.90 required";
const NOT_JUDGED_FILES = `its files are not the ones that the quality gate judged: sha256 was ${OTHER}, the registry now has ${SHA}`;
const NOT_PROVED = "staging has not verified it: serve it in staging first";
const STAGING_FAILED = "staging could not verify it: latency: p95 120.0 ms > 100 ms allowed";
const NOT_PROVED_FILES = `its files are not the ones that staging verified: sha256 was ${OTHER}, the registry now has ${SHA}`;

test("allows a version if the gate passed and staging verified exactly its files", () => {
  expect(refusals()).toEqual([]);
});

test.each<[string, CaseChanges, string[]]>([
  ["that no gate judged", { proof: { gate: undefined } }, [NOT_JUDGED]],
  ["whose gate failed", { proof: { gate: gateVerdict("failed") } }, [GATE_FAILED]],
  ["whose artifact changed after its gate", { proof: { gate: gateVerdict("passed", OTHER) } }, [NOT_JUDGED_FILES]],
  ["that staging has not verified", { proof: { staging: undefined } }, [NOT_PROVED]],
  ["that staging could not verify", { proof: { staging: stagingVerdict("failed") } }, [STAGING_FAILED]],
  ["whose artifact changed after staging", { proof: { staging: stagingVerdict("passed", OTHER) } }, [NOT_PROVED_FILES]],
  ["without any evidence", { proof: { gate: undefined, staging: undefined } }, [NOT_JUDGED, NOT_PROVED]],
  [
    "with everything against it, all at once",
    { proof: { gate: gateVerdict("failed", OTHER), staging: stagingVerdict("failed", OTHER) } },
    [GATE_FAILED, NOT_JUDGED_FILES, STAGING_FAILED, NOT_PROVED_FILES],
  ],
  [
    "while it is judged and verified again",
    { proof: { gate: gateProof({ verdict: "pending" }), staging: stagingProof({ verdict: "pending" }) } },
    [
      "its quality gate started but did not finish: run `pulumi up -s <staging's stack>` again",
      "its deployment check in staging started but did not finish: run `pulumi up -s <staging's stack>` again",
    ],
  ],
  [
    "whose registration failed",
    { version: { ...versionWith(), status: "FAILED_REGISTRATION" } },
    ["the registration of churn-model version 3 failed (FAILED_REGISTRATION): register it again as a new version"],
  ],
  [
    "whose registration has not finished",
    { version: { ...versionWith(), status: "PENDING_REGISTRATION" } },
    [
      "the registration of churn-model version 3 has not finished (PENDING_REGISTRATION): register it again as a new version",
    ],
  ],
])("refuses a version %s", (_name, changes, reasons) => {
  expect(refusals(changes)).toEqual(reasons);
});

test("refuses a withdrawn version with reason and remedy, despite good evidence, and allows no override", () => {
  const tags = withdrawalTags("leaks names", "ada", new Date("2026-05-01T12:00:00Z"));
  expect(findRefusals(promotionCase({ version: versionWith(tags) }))).toEqual([
    {
      reason:
        "it was withdrawn: leaks names (by ada on 2026-05-01T12:00:00.000Z). Roll back to the last good version: npm run rollback -- --stack <name>",
      overridable: false,
    },
  ]);
  // The tag alone suffices, as when it is set manually on MLflow's page.
  const byHand = (reason: string) => refusals({ version: versionWith({ "gate.withdrawn": reason }) })[0];
  expect(byHand("leaks names")).toContain("it was withdrawn: leaks names. Roll back");
  expect(byHand(" ")).toContain("no reason was given");
});

test("a pass counts only with the report that was recorded", () => {
  const missing = { ...gateProof(), report: { missing: "there is no file report-1.json" } };
  expect(findRefusals(promotionCase({ proof: { gate: missing } }))).toEqual([
    {
      reason:
        "the gate's report cannot be read: there is no file report-1.json. To repair it, run `pulumi up -s <staging's stack>` on it again",
      overridable: true,
    },
  ]);
  const proof = gateProof();
  const forged = { ...proof, report: { bytes: new TextEncoder().encode('{"verdict":"passed"}') } };
  const [refusal, ...more] = findRefusals(promotionCase({ proof: { gate: forged } }));
  expect(more).toEqual([]);
  expect(refusal).toMatchObject({ overridable: false });
  expect(refusal?.reason).toMatch(
    new RegExp(`^the gate's report is not the one that was recorded: sha256 was ${proof.evidence.reportSha256}, `),
  );
  const staging = { ...stagingProof(), report: { missing: "none was recorded" } };
  expect(refusals({ proof: { staging } })).toEqual([
    "staging's report cannot be read: none was recorded. To repair it, run `pulumi up -s <staging's stack>` on it again",
  ]);
});

test.each<[string, CaseChanges, string]>([
  [
    "a verdict that was manually set to passed",
    { proof: { gate: withReport(gateProof().evidence, { ...gateReport(gateProof().evidence), verdict: "failed" }) } },
    "its tags contradict the gate's report: the report has the verdict failed, the version has passed",
  ],
  [
    "evidence that was copied from another version",
    {
      proof: {
        gate: withReport(gateProof().evidence, {
          ...gateReport(gateProof().evidence),
          model: { name: "churn-model", version: "2", sha256: SHA },
        }),
      },
    },
    "the report has the model churn-model version 2, the version has churn-model version 3",
  ],
  [
    "another policy's hash",
    { proof: { gate: withReport(gateProof({ policySha256: OTHER }).evidence, gateReport(gateProof().evidence)) } },
    `the report has the policy ${POLICY}, the version has ${OTHER}`,
  ],
  [
    "another champion",
    { proof: { gate: withReport(gateProof().evidence, { ...gateReport(gateProof().evidence), champion: "none" }) } },
    "the report has the champion none, the version has not compared",
  ],
  [
    "another runtime",
    { proof: { gate: withReport(gateProof().evidence, { ...gateReport(gateProof().evidence), runtime: "x" }) } },
    "the report has the runtime x, the version has onnxruntime 1.30.0, linux-x64",
  ],
  [
    "something that is not a report",
    { proof: { gate: withReport(gateProof().evidence, { format: "notes" }) } },
    "it is not a report",
  ],
  [
    "an image that staging did not run",
    {
      proof: {
        staging: {
          ...stagingProof(),
          evidence: { ...stagingProof().evidence, image: `acme/m@sha256:${OTHER}` },
        },
      },
    },
    `the report has the image none, the version has acme/m@sha256:${OTHER}`,
  ],
])("refuses tags that contradict the report: %s", (_name, changes, reason) => {
  const found = findRefusals(promotionCase(changes));
  expect(found).toEqual([{ reason: expect.stringContaining(reason), overridable: false }]);
});

test("verifies an earlier release's evidence, which has no digest of the report, by the report's contents", () => {
  const { reportSha256: _, champion: _champion, runtime: _runtime, ...legacy } = gateProof().evidence;
  const { champion: _c, runtime: _r, ...report } = gateReport(gateProof().evidence);
  const bytes = (value: object) => ({ bytes: new TextEncoder().encode(JSON.stringify(value)) });
  const judge = (value: object, serves?: CaseChanges["serves"]) =>
    refusals({
      proof: { gate: { evidence: legacy, report: bytes(value), attestation: undefined } },
      ...(serves && { serves }),
    });
  expect(judge(report)).toEqual([]);
  expect(judge({ ...report, verdict: "failed" })).toEqual([
    expect.stringContaining("the report has the verdict failed, the version has passed"),
  ]);
  const compared = {
    ...report,
    policy: { champion: { first: "pass" } },
    facts: { champion: { version: "1", sha256: OTHER } },
  };
  expect(judge(compared, { champion: `version 1, sha256 ${OTHER}` })).toEqual([]);
  expect(judge(compared, { champion: `version 2, sha256 ${OTHER}` })).toEqual([
    expect.stringContaining(
      `the gate compared it with version 1, sha256 ${OTHER}, but production now serves version 2, sha256 ${OTHER}.`,
    ),
  ]);
});

test("refuses a pass against a version that production no longer serves, with the remedy", () => {
  const champion = `version 1, sha256 ${OTHER}`;
  const gate = gateProof({ champion });
  expect(refusals({ proof: { gate }, serves: { champion } })).toEqual([]);
  expect(findRefusals(promotionCase({ proof: { gate }, serves: { champion: `version 2, sha256 ${OTHER}` } }))).toEqual([
    {
      reason:
        `the gate compared it with version 1, sha256 ${OTHER}, but production now serves version 2, sha256 ${OTHER}. ` +
        "Judge it again: pulumi up -s <staging's stack> (if staging has moved to another version, first run: pulumi config set --path training.version 3 -s <staging's stack>)",
      overridable: true,
    },
  ]);
  expect(refusals({ proof: { gate }, serves: { champion: "none" } })[0]).toContain("production now serves no version");
  expect(refusals({ proof: { gate }, serves: { unclear: "the registry disagrees" } })).toEqual([
    `the gate compared it with version 1, sha256 ${OTHER}, but the registry disagrees`,
  ]);
  // Judged as the first model, but another one was promoted first.
  const first = gateProof({ champion: "none" });
  expect(refusals({ proof: { gate: first }, serves: { champion } })[0]).toContain(
    "the gate compared it with no version",
  );
  // Does not matter under a policy without a comparison.
  expect(refusals({ serves: { unclear: "the registry disagrees" } })).toEqual([]);
});

const former: HistoryEvent = {
  kind: "promotion",
  to: "3",
  when: "2026-04-01T00:00:00.000Z",
  who: "ada",
  why: "",
  policySha256: POLICY,
  champion: "none",
  stagingReport: "mlflow-artifacts:/1/run/artifacts/staging/report-1.json",
};
const standing = (changes: object) => versionWith(gateTags({ ...gateProof(changes).evidence }));

test.each<[string, object, boolean]>([
  ["a later trial of a stricter policy", { verdict: "failed", policySha256: OTHER, champion: "none" }, true],
  ["a trial that did not finish", { verdict: "pending", champion: "none" }, true],
  ["a failure under the policy that it was promoted with", { verdict: "failed", champion: "none" }, false],
])("a rollback is judged by the evidence of its promotion: %s", (_name, changes, passes) => {
  const found = refusals({ version: standing(changes), proof: { former }, serves: { champion: "version 9" } });
  expect(found).toEqual(passes ? [] : [expect.stringContaining("its quality gate failed since it was promoted: ")]);
});

test.each<[string, { group: string; outcome?: string; required?: boolean }[], boolean]>([
  ["worse than another champion", [{ group: "champion" }], true],
  [
    "worse than another champion, and an advisory check",
    [{ group: "champion" }, { group: "data", required: false }],
    true,
  ],
  ["below its own bound", [{ group: "champion" }, { group: "performance" }], false],
  ["undecided by itself", [{ group: "champion" }, { group: "slices", outcome: "inconclusive" }], true],
])("a rollback to a version that failed against another champion under the same policy: %s", (_, checks, passes) => {
  const changes = { verdict: "failed", champion: `version 4, sha256 ${OTHER}` } as const;
  const report = {
    ...gateReport(gateProof(changes).evidence),
    checks: checks.map((check) => ({ outcome: "fail", required: true, ...check })),
  };
  const failedSince = withReport(gateProof(changes).evidence, report).report;
  const asked = { version: standing(changes), serves: { champion: "version 9" } };
  expect(refusals({ ...asked, proof: { former, failedSince } })).toHaveLength(passes ? 0 : 1);
  // Without the report, the cause of the failure is unknown.
  expect(refusals({ ...asked, proof: { former, failedSince: { missing: "gone" } } })).toHaveLength(1);
});

const missing = (path: string) =>
  serve((_, response) => json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: `no ${path}` }, 404));

test("reports a missing version in plain words, also in a preview", async () => {
  await using registry = await missing("version");
  const inputs = { registry: { trackingUri: registry.url }, modelName: "churn-model", version: "99" };
  await expect(evaluateGuard(new MlflowClient(inputs.registry), inputs)).rejects.toThrow(
    "the registry has no version 99 of churn-model",
  );
  expect(await expectedRefusal(inputs)).toBe(
    "this preview cannot run the promotion guard: the registry has no version 99 of churn-model",
  );
});
