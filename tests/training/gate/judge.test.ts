import { expect, test } from "vitest";
import { sha256 } from "../../../registry/artifact-digest.ts";
import { DECLARED_DIGEST_TAG, gateTags, readGateEvidence, type Verdict } from "../../../registry/evidence.ts";
import { MlflowClient } from "../../../registry/mlflow-client.ts";
import type { CheckResult } from "../../../training/gate/check.ts";
import { integrityFailure, trustedDigest } from "../../../training/gate/judge.ts";
import { recordEvidence } from "../../../training/gate/record-evidence.ts";
import { buildReport } from "../../../training/gate/report.ts";
import { decide } from "../../../training/gate/verdict.ts";
import { json, serve } from "../../helpers/http-server.ts";
import { versionWith } from "../../registry/model-version.ts";
import { evaluationWith } from "./evaluation-with.ts";

const [SHA, TAMPERED] = ["a".repeat(64), "b".repeat(64)];
const judged = (modelSha256 = SHA, verdict: Verdict = "passed") =>
  gateTags({
    verdict,
    modelSha256,
    summary: "s",
    policySha256: "p",
    evaluationMd5: "e",
    report: "r",
    judgedAt: "t",
  });
const declared = { [DECLARED_DIGEST_TAG]: SHA };

test("accepts files without a declared digest, and files that match the declared or evaluated one", () => {
  for (const tags of [{}, declared, judged(), { ...declared, ...judged() }])
    expect(integrityFailure(versionWith(tags), SHA)).toBeUndefined();
});

test.each([
  ["the trainer registered", declared],
  ["the gate evaluated before", judged()],
])("fails files that differ from those that %s, and names both digests", (who, tags) => {
  expect(integrityFailure(versionWith(tags), TAMPERED)).toEqual({
    check: "integrity",
    group: "integrity",
    outcome: "fail",
    required: true,
    detail: `artifact changed: ${who} sha256 ${SHA}, but the registry now has ${TAMPERED}`,
  });
});

test("an edited gate digest next to the trainer's triggers a new evaluation and is overwritten", () => {
  const edited = { ...declared, ...judged(TAMPERED) };
  expect(integrityFailure(versionWith(edited), SHA)).toBeUndefined();
  expect(report(edited, SHA).model).toMatchObject({ sha256: SHA, trustedSha256: SHA });
  expect(integrityFailure(versionWith(edited), TAMPERED)?.detail).toContain(`the trainer registered sha256 ${SHA}`);
});

function report(tags: Record<string, string>, digest: string) {
  const version = versionWith(tags);
  const failure = integrityFailure(version, digest);
  const evaluation = evaluationWith(0.8975);
  const passed: CheckResult = {
    check: "accuracy",
    group: "performance",
    outcome: "pass",
    required: true,
    detail: "accuracy 0.8975 >= 0.85 required",
  };
  const checks = failure ? [failure] : [passed];
  return buildReport({
    version,
    digest,
    trustedDigest: trustedDigest(version) ?? digest,
    checks,
    decision: decide(checks),
    snapshot: { path: "evaluation.csv", md5: "m", rows: 400 },
    policy: { accuracy: { min: 0.85 } },
    facts: {},
    ...(!failure && { evaluation }),
    champion: "not compared",
    runtime: "onnxruntime 1.30.0, linux-x64",
    judgedAt: new Date("2026-01-02T03:04:05.678Z"),
  });
}

test("reports the model, the inputs and the outcome", () => {
  expect(report({}, SHA)).toMatchObject({
    format: "gate-report/2",
    verdict: "passed",
    summary: "accuracy 0.8975 >= 0.85 required",
    model: { name: "churn-model", version: "3", runId: "run", sha256: SHA, trustedSha256: SHA },
    evaluation: { path: "evaluation.csv", md5: "m", rows: 400 },
    policy: { accuracy: { min: 0.85 } },
    metrics: { accuracy: 0.8975 },
    samples: [{ features: [1], label: 1 }],
    judgedAt: "2026-01-02T03:04:05.678Z",
  });
});

test("reports no metrics and no samples for a model that did not run", () => {
  const { verdict, metrics, samples, checks } = report(declared, TAMPERED);
  expect({ verdict, metrics, samples }).toEqual({ verdict: "failed", metrics: undefined, samples: [] });
  expect(checks).toHaveLength(1);
});

/** Records on a real HTTP server; returns the tags in the order of writing, and all other writes. */
async function record(tags: Record<string, string>, digest: string) {
  const artifactUri = "mlflow-artifacts:/1/run/artifacts";
  await using server = await serve((_, response) =>
    json(response, {
      run: { info: { run_id: "run", artifact_uri: artifactUri } },
      model_version: { name: "churn-model", version: "3", source: "models:/m-1" },
    }),
  );
  const recorded = await recordEvidence(new MlflowClient({ trackingUri: server.url }), report(tags, digest));
  const written = server.requests
    .filter(({ path }) => path.endsWith("/set-tag"))
    .map(({ body }) => JSON.parse(body) as { key: string; value: string });
  return { recorded, requests: server.requests, written };
}

test("records report, metrics and tags, and a pass last", async () => {
  const { recorded, requests, written } = await record({}, SHA);
  expect(recorded).toEqual({
    report: "mlflow-artifacts:/1/run/artifacts/gate/report-2026-01-02T03-04-05-678Z.json",
    reportSha256: sha256(requests[1]?.body ?? ""),
    attestation: "",
  });
  expect(requests.map(({ method, path }) => `${method} ${path}`).slice(0, 3)).toEqual([
    "GET /api/2.0/mlflow/runs/get?run_id=run",
    "PUT /api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/gate/report-2026-01-02T03-04-05-678Z.json",
    "POST /api/2.0/mlflow/runs/log-batch",
  ]);
  expect(JSON.parse(requests[1]?.body ?? "")).toMatchObject({ format: "gate-report/2", verdict: "passed" });
  expect(JSON.parse(requests[2]?.body ?? "").metrics).toMatchObject([
    { key: "gate.accuracy", value: 0.8975 },
    { key: "gate.balanced_accuracy", value: 0.8975 },
    { key: "gate.precision", value: 1 },
    { key: "gate.recall", value: 1 },
    { key: "gate.f1", value: 1 },
  ]);
  expect(written.at(-1)).toMatchObject({ key: "gate.verdict", value: "passed" });
  expect(written.map(({ key }) => key)).toContain("gate.model_sha256");
});

test("withdraws an older pass before writing anything else", async () => {
  const { written } = await record(judged(), TAMPERED);
  expect(written[0]).toMatchObject({ key: "gate.verdict", value: "failed" });
});

test("changed files never become trusted: they keep failing", async () => {
  for (const tags of [judged(), { ...declared, ...judged() }]) {
    const { written } = await record(tags, TAMPERED);
    const after = versionWith({ ...tags, ...Object.fromEntries(written.map(({ key, value }) => [key, value])) });
    expect(readGateEvidence(after)).toMatchObject({ verdict: "failed", modelSha256: SHA });
    expect(integrityFailure(after, TAMPERED)).toBeDefined();
    expect(integrityFailure(after, SHA)).toBeUndefined();
  }
});

test("rejects a version without a run", async () => {
  const nowhere = { ...report({}, SHA), model: { ...report({}, SHA).model, runId: "" } };
  await expect(recordEvidence(new MlflowClient({ trackingUri: "http://127.0.0.1:1" }), nowhere)).rejects.toThrow(
    /^quality gate passed for churn-model version 3: .*\n {2}It is not approved, .* churn-model version 3 has no run to log its evidence to/,
  );
});
