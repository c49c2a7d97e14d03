import { expect, test } from "vitest";
import { parseJudgedModel } from "../../registry/gate-report.ts";

const SAMPLES = [
  { features: [1, "a", null], label: "yes", positive: 0.75 },
  { features: [2, "b", 0], values: [1.5, 2] },
];

test("returns the predictions that a deployment must reproduce, and the metrics by name", () => {
  const metrics = { accuracy: 0.9, r2: null };
  expect(parseJudgedModel({ format: "gate-report/2", samples: SAMPLES, metrics, more: "ignored" })).toEqual({
    samples: [
      { features: [1, "a", null], answer: { label: "yes", positive: 0.75 } },
      { features: [2, "b", 0], answer: { values: [1.5, 2] } },
    ],
    metrics: { accuracy: 0.9 },
  });
  // A model that could not be run, and the first releases.
  expect(parseJudgedModel({ format: "gate-report/1", samples: [] })).toEqual({ samples: [], metrics: {} });
});

test.each([
  ["another document", { format: "deployment-report/1", samples: [] }],
  ["metrics that are not numbers", { format: "gate-report/2", samples: [], metrics: { accuracy: "0.9" } }],
])("refuses %s", (_, report) => {
  expect(() => parseJudgedModel(report)).toThrow();
});
