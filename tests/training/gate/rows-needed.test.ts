import { expect, test } from "vitest";
import { areaInterval, rocAreaEstimate } from "../../../training/gate/intervals/area-interval.ts";
import type { BinaryRows } from "../../../training/gate/metrics/answered-rows.ts";
import { parsePolicy } from "../../../training/gate/policy.ts";
import { previewRows } from "../../../training/gate/preview-rows.ts";
import { rowsNeeded, rowsNeededText } from "../../../training/gate/rows-needed.ts";
import { binomialTerm } from "../../../training/gate/statistics/binomial.ts";
import { normalQuantile } from "../../../training/gate/statistics/normal.ts";
import { tango } from "../../../training/gate/statistics/paired-proportions.ts";
import { proportion } from "../../../training/gate/statistics/proportion.ts";
import { seededRandom } from "../../../training/gate/statistics/random.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

const needed = (policy: object) => rowsNeeded(parsePolicy(policy, "gate"));
const [ofAccuracy] = needed({ accuracy: { min: 0.9, confidence: 0.95 } });
const [ofMargin] = needed({ champion: { first: "pass", accuracy: { margin: 0.02 } } });
const [ofArea] = needed({ performance: { rocAuc: { min: 0.9, confidence: 0.95 } } });

test("the stated rows pass a model with half the allowed errors in about 80 % of cases", () => {
  const rows = ofAccuracy?.rows ?? 0;
  let power = 0;
  for (let right = 0; right <= rows; right++)
    if (proportion(right, rows, 0.95).interval[0] >= 0.9) power += binomialTerm(right, rows, 0.95);
  expect(ofAccuracy).toMatchObject({ check: "accuracy (min 0.9)", of: "rows", model: "a model with 0.95" });
  expect(power).toBeGreaterThanOrEqual(0.8);
  expect(power).toBeLessThan(0.84);
});

test("the stated rows pass a candidate as good as the champion in about 80 % of cases", () => {
  const rows = ofMargin?.rows ?? 0;
  let power = 0;
  for (let discordant = 0; discordant <= rows; discordant++) {
    const weight = binomialTerm(discordant, rows, 0.05);
    if (weight < 1e-7) continue;
    for (let gained = 0; gained <= discordant; gained++)
      if (tango({ gained, lost: discordant - gained }, rows, 0.95)[0] >= -0.02)
        power += weight * binomialTerm(gained, discordant, 0.5);
  }
  expect(ofMargin?.check).toBe("champion.accuracy (margin 0.02)");
  expect(power).toBeGreaterThan(0.74);
  expect(power).toBeLessThan(0.86);
});

test("the stated rows per class pass an area half as far from 1 as the bound in about 80 % of cases", () => {
  const rows = Math.ceil(ofArea?.rows ?? 0);
  const random = seededRandom(3);
  // Two normal distributions this far apart have an area of 0.95.
  const apart = Math.SQRT2 * normalQuantile(0.95);
  let passed = 0;
  const simulations = 400;
  for (let simulation = 0; simulation < simulations; simulation++) {
    const labels = Int32Array.from({ length: 2 * rows }, (_, row) => row % 2);
    const scores = Float64Array.from(labels, (label) => label * apart + random.normal());
    const answered: BinaryRows = {
      task: "binary",
      rows: 2 * rows,
      classes: [0, 1],
      labels,
      predicted: labels,
      scores,
      epsilon: 2 ** -52,
    };
    const { interval } = areaInterval(rocAreaEstimate(answered), answered, 0.95);
    if (interval[0] >= 0.9) passed++;
  }
  expect(passed / simulations).toBeGreaterThan(0.72);
  expect(passed / simulations).toBeLessThan(0.92);
});

test("no number of rows passes a margin of 0; checks that depend on the predictions state a minimum", () => {
  expect(needed({ champion: { first: "pass", accuracy: { margin: 0 } } })[0]?.rows).toBe(Number.POSITIVE_INFINITY);
  expect(
    needed({
      performance: { rmse: { max: 3, confidence: 0.95 }, mae: { max: 2, confidence: 0.95 }, r2: { min: 0.5 } },
      champion: { first: "pass", rmse: { margin: 0.1 }, r2: { margin: 0.1 } },
    }),
  ).toEqual([
    { check: "performance.rmse", rows: 400 },
    { check: "performance.mae", rows: 200 },
    { check: "champion.rmse", rows: 400 },
    { check: "champion.r2", rows: 600 },
  ]);
  expect(needed({ performance: { macroF1: { min: 0.8, confidence: 0.95 } } })).toEqual([
    { check: "performance.macroF1", rows: 20, of: "rows for each class" },
  ]);
  expect(needed({ accuracy: { min: 0.9 }, latency: { single: { p95: { max: 5 } } } })).toEqual([]);
});

test("Holm's method needs more rows for each bound of a family", () => {
  const policy = { accuracy: { min: 0.9, confidence: 0.95 }, champion: { first: "pass", accuracy: { margin: 0.02 } } };
  const [alone, together] = [needed(policy), needed({ ...policy, multiplicity: "holm" })];
  for (const [place, one] of alone.entries()) expect(together[place]?.rows).toBeGreaterThan(one.rows * 1.15);
});

test("a preview lists them in one line, with the snapshot's rows if it exists", async () => {
  const policy = parsePolicy(
    {
      champion: { first: "pass", accuracy: { margin: 0.01 } },
      slices: { g: { column: "f0", cuts: [0], accuracy: { min: 0.8, confidence: 0.95 } } },
      performance: { rmse: { max: 1, confidence: 0.95 } },
    },
    "gate",
  );
  const evaluationData = "models/churn/data/evaluation.csv";
  expect(await previewRows({ policy, evaluationData })).toBe(
    "rows that the gate's intervals need: champion.accuracy (margin 0.01) about 4,000 rows, so that a model as good as the champion passes in 80 % of cases, " +
      "if each model alone is right on 2.5 % of the rows; slices.g.accuracy (min 0.8) about 110 rows of each group, so that a model with 0.9 " +
      "passes in 80 % of cases; performance.rmse at least 400 rows; models/churn/data/evaluation.csv has 400 rows",
  );
  const missing = `${await temporaryFolder()}/not-there.csv`;
  expect(await previewRows({ policy, evaluationData: missing })).toMatch(/performance\.rmse at least 400 rows$/);
  expect(rowsNeededText([], missing, 3)).toBeUndefined();
});
