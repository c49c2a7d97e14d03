import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPredictor } from "../../service/predictor/predictor.ts";

const fixtures = join(import.meta.dirname, "../fixtures/skl2onnx");

test("answers as scikit-learn does for a model that skl2onnx wrote", async () => {
  const expected = JSON.parse(await readFile(join(fixtures, "expected.json"), "utf8"));
  const predictor = await openPredictor(join(fixtures, "tensor"));
  const { labels, probabilities } = await predictor.predict(Float32Array.from(expected.rows.flat()), 5);
  expect(labels).toEqual(expected.labels);
  for (const [index, probability] of expected.probabilities.flat().entries())
    expect(probabilities?.[index]).toBeCloseTo(probability, 5);
});

test("refuses ZipMap's maps, and says how to convert the model without", async () => {
  await expect(openPredictor(join(fixtures, "zipmap"))).rejects.toThrow('options={"zipmap": False}');
});
