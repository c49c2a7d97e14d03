import { expect, test } from "vitest";
import { judgeParity, parityPolicy } from "../../../training/gate/checks/parity.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import { parsePredictions } from "../../../training/gate/stored-predictions.ts";

const about = { sumError: 0, samples: [], metrics: {}, epsilon: 2 ** -52 };
const multiclass: Evaluation = {
  task: "multiclass",
  rows: 2,
  classes: ["a", "b", "c, d", "only the data's"],
  ...about,
  labels: Int32Array.of(0, 1),
  predicted: Int32Array.of(0, 1),
  probabilities: Float64Array.of(0.7, 0.2, 0.1, 0, 0.1, 0.8, 0.1, 0),
};
const binary: Evaluation = {
  task: "binary",
  rows: 2,
  classes: ["no", "yes"],
  ...about,
  labels: Int32Array.of(0, 1),
  predicted: Int32Array.of(0, 1),
};
const positive = Float64Array.of(0.25, 0.75);
const regression: Evaluation = {
  task: "regression",
  rows: 2,
  targets: ["price", "area"],
  ...about,
  truth: new Float64Array(4),
  predicted: Float64Array.of(100, 1, 200, 2),
};

const judge = (evaluation: Evaluation, csv: string, policy: object = { difference: { max: 0.01 } }) => {
  const [result] = judgeParity(evaluation, parsePredictions(csv, "p.csv"), parityPolicy.parse(policy));
  return `${result?.outcome}: ${result?.detail}`;
};

test("every class's probability is compared by the class's name, in any order", () => {
  const csv = (last: string) =>
    `label,probability:b,"probability:c, d",probability:a\na,0.2,0.1,0.7\nb,0.8,${last},0.1\n`;
  expect(judge(multiclass, csv("0.1"))).toBe(
    "pass: largest difference between a served probability and the trainer's 0.00 <= 0.01 allowed",
  );
  expect(judge(multiclass, csv("0.3"))).toBe(
    "fail: largest difference between a served probability and the trainer's 0.20 > 0.01 allowed (probability of c, d, row 1: 0.1 served, 0.3 stored)",
  );
});

test("missing outputs are named, and make a pass inconclusive", () => {
  expect(judge(multiclass, "label,probability:a,probability:e\na,0.7,0\nb,0.1,0\n")).toBe(
    "inconclusive: largest difference between a served probability and the trainer's 0.00 <= 0.01 allowed " +
      "(the trainer stored no probability of b, no probability of c, d; the model returns no probability of e)",
  );
  expect(judge(multiclass, "label,probability:a\na,0\nb,0.1\n")).toMatch(
    /^fail: .*probability of a, row 0.*stored no probability of b/,
  );
  expect(judge(multiclass, "label\na\nb\n")).toBe(
    "inconclusive: the trainer stored no probability of a, no probability of b, no probability of c, d",
  );
  expect(judge({ ...binary, positive }, "label,score\nno,-1\nyes,1\n")).toBe(
    "inconclusive: the trainer stored no probability",
  );
  expect(judge(regression, "prediction:price\n100\n200\n")).toMatch(/^inconclusive: .*\(the trainer stored no area\)$/);
  expect(judge({ ...binary, positive }, "probability\n0.25\n0.75\n", { flips: { max: 0 } })).toBe(
    "inconclusive: the trainer stored no labels",
  );
});

test("margins, anomaly scores and both probabilities of two classes are compared", () => {
  const scored = { ...binary, scores: Float64Array.of(-3, 4) };
  expect(judge(scored, "label,score\nno,-3\nyes,4\n")).toMatch(/^pass: largest difference between a served score/);
  expect(judge(scored, "score\n-3\n5\n")).toContain(
    "fail: largest difference between a served score and the trainer's 1.00 > 0.01 allowed (score, row 1",
  );
  expect(judge(scored, "label,probability\nno,0.1\nyes,0.9\n")).toBe("inconclusive: the trainer stored no score");
  const both = { ...binary, positive, scores: positive };
  expect(judge(both, "label,probability:yes,probability:no\nno,0.25,0.75\nyes,0.75,0.25\n")).toMatch(/^pass/);
  expect(judge(both, "label,probability:yes,probability:no\nno,0.25,0.75\nyes,0.75,0.5\n")).toContain(
    "probability of no, row 1: 0.25 served",
  );
  expect(judge(binary, "label,probability\nno,0.1\nyes,0.9\n")).toBe("inconclusive: the model returns no probability");
});

test("targets are compared by name, or in order", () => {
  expect(judge(regression, "prediction:area,prediction:price\n1,100\n2,200\n")).toMatch(/^pass/);
  expect(judge(regression, "prediction,prediction\n100,1\n200,2\n")).toMatch(/^pass/);
  expect(judge(regression, "prediction,prediction\n1,100\n2,200\n")).toContain("(price, row 1: 200 served, 2 stored)");
  expect(judge(regression, "prediction,prediction,prediction\n100,1,0\n200,2,0\n")).toContain(
    "the model returns no prediction 3",
  );
});

test("float32 is compared as float32, and a relative tolerance is supported", () => {
  const price = (values: Float32Array | Float64Array): Evaluation => ({
    ...regression,
    targets: ["price"],
    truth: new Float64Array(2),
    predicted: values,
  });
  const csv = "prediction\n123456.789\n0.1\n";
  const exact = { difference: { max: 0 } };
  expect(judge(price(Float32Array.of(123456.789, 0.1)), csv, exact)).toMatch(/^pass/);
  expect(judge(price(Float64Array.of(Math.fround(123456.789), 0.1)), csv, exact)).toMatch(/^fail/);
  const relative = { difference: { max: 1e-6, relative: 1e-4 } };
  expect(judge(price(Float64Array.of(123466, 0.1)), csv, relative)).toMatch(/^pass/);
  expect(judge(price(Float64Array.of(123480, 0.1)), csv, relative)).toMatch(/^fail: .*beyond 0.0001 of its size/);
});

test("a flip is reported with its row", () => {
  expect(judge(multiclass, "label\na\na\n", { flips: { max: 0 } })).toContain("(first at row 1: b served, a stored)");
});

test.each([
  ["label,probability:\na,1\n", "p.csv must begin with a header of label, probability"],
  ["label,prediction\na,1\n", "p.csv must begin with a header of label"],
  ["label,score,score\na,1,1\n", "p.csv has a duplicate column score"],
  ["label,score\na,high\n", 'p.csv:2: "a,high" is not a label and a score'],
  ["prediction:a,prediction:b\n1\n", 'p.csv:2: "1" is not a prediction:a and a prediction:b'],
])("rejects %j and names the place", (csv, message) => {
  expect(() => parsePredictions(csv, "p.csv")).toThrow(message);
});
