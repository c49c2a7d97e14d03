import { expect, test } from "vitest";
import type { Step } from "../helpers/fault-proxy.ts";
import { countAttacks } from "../helpers/torture/attacks.ts";
import { allCases, firstOfKind, isClear } from "../helpers/torture/fault-cases.ts";

const step = (method: string, path: string, requestBytes = 0, responseBytes = 2): Step => ({
  method,
  path,
  requestBytes,
  responseBytes,
});
const ARTIFACTS = "mlflow-artifacts/artifacts";
const steps = [
  step("GET", "mlflow/model-versions/get"),
  step("GET", ARTIFACTS),
  step("GET", `${ARTIFACTS}/1/a/model/MLmodel`),
  step("GET", `${ARTIFACTS}/1/a/model/model.onnx`),
  step("PUT", `${ARTIFACTS}/1/a/gate/report.json`, 9, 0),
  step("POST", "mlflow/model-versions/set-tag", 9),
  step("POST", "mlflow/model-versions/set-tag", 9),
];

test("tells the first of a row of like requests", () => {
  expect(firstOfKind(steps)).toEqual([1, 2, 3, 5, 6]);
});

test("tries every fault that a request can feel, and two on those like the one before", () => {
  const cases = allCases("staging", steps);
  const faults = (nth: number) => cases.filter((found) => found.nth === nth).map(({ fault }) => fault);
  expect(steps.map((_, index) => faults(index + 1).length)).toEqual([7, 7, 7, 2, 6, 8, 2]);
  // Without a body there is nothing to cut.
  expect(faults(1)).not.toContain("cut-request");
  expect(faults(5)).not.toContain("cut-response");
  expect(new Set(cases.map(({ forGood }) => forGood)).size).toBe(2);
});

test("calls a message clear that says what was asked of whom, and how often", () => {
  const url = "http://127.0.0.1:5050";
  const message = `MLflow at ${url} does not answer GET mlflow/x: read ECONNRESET. Is the server running? [3 attempts in 0.5 s]`;
  expect(isClear(`staging-stage failed: ${message}`, url)).toBe(true);
  expect(isClear(message, "http://127.0.0.1:5051")).toBe(false);
  expect(isClear(message.replace("GET ", ""), url)).toBe(false);
  expect(isClear(message.replace(/ \[.*/, ""), url)).toBe(false);
});

test("counts a file of attacks that could not be loaded as an attack that passed, a skipped one not at all, and none as a failure", () => {
  const report = { numTotalTests: 9, numFailedTests: 0, numFailedTestSuites: 0, numPendingTests: 2, numTodoTests: 1 };
  expect(countAttacks(report)).toEqual({ attacks: 6, attacksPassed: 0 });
  expect(countAttacks({ ...report, numFailedTests: 2, numFailedTestSuites: 1 })).toMatchObject({ attacksPassed: 2 });
  expect(countAttacks({ ...report, numFailedTestSuites: 1 })).toMatchObject({ attacksPassed: 1 });
  // No attack at all is none that was stopped.
  expect(countAttacks({ ...report, numPendingTests: 8 })).toEqual({ attacks: 0, attacksPassed: 1 });
});
