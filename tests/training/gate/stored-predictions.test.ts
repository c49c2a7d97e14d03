import { expect, test } from "vitest";
import { judgeParity } from "../../../training/gate/checks/parity.ts";
import { parsePredictions, predictionsPath, writePredictions } from "../../../training/gate/stored-predictions.ts";
import { type BinaryEvaluation, evaluationWith } from "./evaluation-with.ts";

const own = { labels: Int32Array.of(0, 1), positive: Float64Array.of(0.125, 1 / 3) };
const stored = { kind: "labels", labels: ["0", "1"], positive: own.positive } as const;
const served: BinaryEvaluation = {
  ...evaluationWith(1),
  rows: 2,
  predicted: Int32Array.of(0, 0),
  positive: Float64Array.of(0.125, 0.25),
};

test("reads its own output without loss", () => {
  expect(parsePredictions(writePredictions(own), "p")).toEqual(stored);
  expect(predictionsPath("abc")).toBe("predictions/abc.csv");
});

test("reads the output of NumPy's savetxt", () => {
  expect(parsePredictions("label,probability\r\n0.0,1.25e-01\r\n1.0,3e-01\r\n", "p")).toEqual({
    kind: "labels",
    labels: ["0.0", "1.0"],
    positive: Float64Array.of(0.125, 0.3),
  });
});

test.each([
  ["", 'it begins with ""'],
  ["label,probability\n2,", 'p:2: "2," is not a label and a probability'],
  ["label,probability\n1,", "p:2"],
  ["label,probability\n1,1.5", "p:2"],
  ["label,probability\n0,0.5\n,0.5", "p:3"],
  ["label\n1,0.5,2", "p:2"],
])("rejects %j and names the line", (text, message) => {
  expect(() => parsePredictions(text, "p")).toThrow(message);
});

test("counts flips and reports the largest difference", () => {
  const results = judgeParity(served, stored, { flips: { max: 0.4 }, difference: { max: 0.1, level: "advisory" } });
  expect(results).toMatchObject([
    { check: "parity.flips", outcome: "fail", value: 0.5, required: true },
    { check: "parity.difference", outcome: "pass", value: 1 / 3 - 0.25, required: false },
  ]);
});

test("is inconclusive without predictions, with too few, or without probabilities on one side", () => {
  const policy = { flips: { max: 0 }, difference: { max: 0 } };
  const outcomes = (of: Parameters<typeof judgeParity>[1]) =>
    judgeParity(served, of, policy).map(({ outcome }) => outcome);
  expect(outcomes("none were stored")).toEqual(["inconclusive", "inconclusive"]);
  expect(outcomes({ kind: "labels", labels: [0] })).toEqual(["inconclusive", "inconclusive"]);
  expect(outcomes({ kind: "labels", labels: stored.labels })).toEqual(["fail", "inconclusive"]);
});
