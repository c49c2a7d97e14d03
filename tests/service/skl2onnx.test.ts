import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPredictor } from "../../service/predictor/predictor.ts";

const fixtures = join(import.meta.dirname, "../fixtures/skl2onnx");

test.for(["tensor", "zipmap"])("answers as scikit-learn does for a model that skl2onnx wrote: %s", async (kind) => {
  const expected = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
  const predictor = await openPredictor(join(fixtures, kind));
  const { labels, probabilities } = await predictor.predict(Float32Array.from(expected.rows.flat()), 5);
  expect(labels).toEqual(expected.labels);
  expect(probabilities).toHaveLength(10);
  for (const [index, probability] of expected.probabilities.flat().entries())
    expect(probabilities?.[index]).toBeCloseTo(probability, 5);
});
