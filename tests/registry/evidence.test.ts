import { expect, test } from "vitest";
import {
  type DeploymentEvidence,
  environmentTags,
  type GateEvidence,
  gateTags,
  readDeploymentEvidence,
  readGateEvidence,
  verdictInOrder,
} from "../../registry/evidence.ts";
import { versionWith } from "./model-version.ts";

const GATE: GateEvidence = {
  verdict: "failed",
  summary: "accuracy 0.8975 < 0.90 required",
  modelSha256: "a".repeat(64),
  policySha256: "b".repeat(64),
  evaluationMd5: "c".repeat(32),
  report: "mlflow-artifacts:/1/run/artifacts/gate/report.json",
  judgedAt: "2026-01-02T03:04:05.678Z",
};
const DEPLOYMENT: DeploymentEvidence = {
  verdict: "passed",
  summary: "starts: /ready answered 200",
  modelSha256: "a".repeat(64),
  report: "mlflow-artifacts:/1/run/artifacts/staging/report.json",
  verifiedAt: "2026-01-02T03:04:05.678Z",
};

test("reads back the gate's evidence", () => {
  expect(readGateEvidence(versionWith({ ...gateTags(GATE), other: "x" }))).toEqual(GATE);
});

test("uses the documented tags for the gate's evidence", () => {
  expect(gateTags(GATE)).toMatchObject({
    "gate.verdict": "failed",
    "gate.policy_sha256": GATE.policySha256,
    "gate.model_sha256": GATE.modelSha256,
    "gate.evaluation_md5": GATE.evaluationMd5,
  });
});

test("separates the evidence of staging and production", () => {
  const version = versionWith(environmentTags("staging", DEPLOYMENT));
  expect(readDeploymentEvidence(version, "staging")).toEqual(DEPLOYMENT);
  expect(readDeploymentEvidence(version, "production")).toBeUndefined();
});

test("treats partial evidence as missing, whichever tag is absent", () => {
  for (const missing of Object.keys(gateTags(GATE))) {
    const { [missing]: _, ...rest } = gateTags(GATE);
    expect(readGateEvidence(versionWith(rest)), missing).toBeUndefined();
  }
  for (const missing of Object.keys(environmentTags("staging", DEPLOYMENT))) {
    const { [missing]: _, ...rest } = environmentTags("staging", DEPLOYMENT);
    expect(readDeploymentEvidence(versionWith(rest), "staging"), missing).toBeUndefined();
  }
});

test("finds no evidence on a version without tags", () => {
  expect(readGateEvidence(versionWith())).toBeUndefined();
});

test("truncates a long summary to MLflow's limit without splitting a character", () => {
  const { "gate.summary": plain = "" } = gateTags({ ...GATE, summary: "x".repeat(20_000) });
  expect(plain).toBe("x".repeat(4_900));
  // Compares only the ends, because thousands of characters make an unreadable failure.
  for (const [shift, count, end] of [
    ["", 2_450, ""],
    ["x", 2_449, "\ufffd"],
  ] as const) {
    const { "gate.summary": summary = "" } = gateTags({ ...GATE, summary: shift + "🙂".repeat(3_000) });
    expect(summary.length).toBe(4_900);
    expect(summary === `${shift}${"🙂".repeat(count)}${end}`, summary.slice(-3)).toBe(true);
  }
});

test("writes a pass last and any other verdict first, so that an interruption never leaves a pass beside other evidence", () => {
  const order = (verdict: "passed" | "failed" | "inconclusive") =>
    Object.keys(verdictInOrder({ image: "i", "staging.verdict": verdict, report: "r" }, "staging.verdict", verdict));
  expect(order("passed")).toEqual(["image", "report", "staging.verdict"]);
  expect(order("failed")).toEqual(["staging.verdict", "image", "report"]);
  expect(order("inconclusive")).toEqual(["staging.verdict", "image", "report"]);
});
