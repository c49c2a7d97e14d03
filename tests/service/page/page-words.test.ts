import { join } from "node:path";
import { expect, test } from "vitest";
import { readCard } from "../../../service/page/card.ts";
import { environmentOf, iconOf } from "../../../service/page/environment.ts";
import { readExampleRow } from "../../../service/page/example-row.ts";
import { numberRanges } from "../../../service/page/number-range.ts";
import { metricName, metricValue } from "../../../service/page/page.ts";
import { createdOf } from "../../../service/page/page-props.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { readDriftReference } from "../../../service/watch/drift-reference.ts";

test.each([
  ['{\n  "utc_time_created": "2026-11-14 09:30:12.123000"\n}', "2026-11-14T09:30:12.000Z"],
  ["model_id: m-1\nutc_time_created: '2026-11-14 09:30:12.123456'\n", "2026-11-14T09:30:12.000Z"],
  ["utc_time_created: yesterday", undefined],
  ["utc_time_created: '2026-13-99 09:30:12'", undefined],
  ["", undefined],
])("reads when a model was saved from its MLmodel: %j", (mlmodel, created) => {
  expect(createdOf(mlmodel)?.toISOString()).toBe(created);
});

test.each([
  ["Staging", "staging"],
  ["production", "production"],
  ["None", "other"],
  ["canary", "other"],
])("stage %s looks like %s, with an icon in its own colour and without a URL", (stage, kind) => {
  expect(environmentOf(stage)).toBe(kind);
  const icons = (["staging", "production", "other"] as const).map(iconOf);
  expect(new Set(icons).size).toBe(3);
  expect(icons.join()).not.toMatch(/http/);
});

test.each([
  ["accuracy", "accuracy"],
  ["macro_f1", "macro F1"],
  ["pr_auc", "PR AUC"],
  ["root_mean_squared_error", "root mean squared error"],
])("displays the metric %s as %s", (name, words) => {
  expect(metricName(name)).toBe(words);
});

test.each([
  [0.9912280701754386, "0.99123"],
  [54.0123456, "54.012"],
  [12345678, "12,345,678"],
  [-9_999_999.123, "-9,999,999"],
  [1e300, "1e+300"],
  [0.00001234567, "0.000012346"],
])("displays the metric value %d as %s", (value, words) => {
  expect(metricValue(value)).toBe(words);
});

test("a card keeps a valid date of the verdict, and drops an invalid one", () => {
  expect(readCard({ judgedAt: "2026-11-14T09:30:12.123Z" })).toEqual({ judgedAt: "2026-11-14T09:30:12.123Z" });
  expect(readCard({ judgedAt: "<b>today</b>", verdict: "passed" })).toEqual({ verdict: "passed" });
});

test("without an input example, the form starts with typical numbers of the drift reference", async () => {
  const folder = join(import.meta.dirname, "../../fixtures/parity/integer-float-boolean");
  const { signature } = await openPredictor(folder);
  const bins = [
    { name: "age", edges: [20.5, 40.5, 60.5], shares: [0.25, 0.25, 0.25, 0.25] },
    { name: "income", edges: [1.5, 2.5], shares: [0.5, 0.25, 0.25] },
    { name: "premium", categories: [true], categoryShares: [1, 0] },
  ];
  const ranges = numberRanges(await readDriftReference(JSON.stringify(bins), signature), signature);
  expect(ranges).toEqual(
    new Map([
      ["age", { low: 21, middle: 41, high: 61 }],
      ["income", { low: 1.5, middle: 2.5, high: 2.5 }],
    ]),
  );
  expect(await readExampleRow(undefined, signature, ranges)).toEqual([41, 2.5, false]);
});
