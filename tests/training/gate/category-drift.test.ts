import { describe, expect, test } from "vitest";
import { type CategoryLaw, drawCategories } from "../../../bench/simulation/drift-cells.ts";
import { featureDrift, judgePsi } from "../../../training/gate/checks/drift.ts";
import { seededRandom } from "../../../training/gate/statistics/random.ts";

const LAWS: readonly CategoryLaw[] = ["uniform", "zipf"];

interface Pair {
  readonly law: CategoryLaw;
  readonly categories: number;
  readonly reference: number;
  readonly rows: number;
  /** Whether every second category has a new name in the evaluation: drift. */
  readonly renamed?: boolean;
}

/** Counts the pairs that fail. @param max bound of the index; 0 tests the significance alone */
function failures({ law, categories, reference, rows, renamed }: Pair, pairs: number, max = 0.25): number {
  const random = seededRandom(90);
  let failed = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const features = featureDrift(
      drawCategories(law, categories, rows, random, renamed),
      drawCategories(law, categories, reference, random),
    );
    const compared = { features, rows: { reference, evaluation: rows }, why: "" };
    if (judgePsi(compared, { max }).outcome === "fail") failed++;
  }
  return failed;
}

/** Exceeded by 1 % of false alarms in one of 10,000 measurements. */
const mostOf = (pairs: number) => pairs * 0.01 + 3.7 * Math.sqrt(pairs * 0.01 * 0.99);

describe("PSI of categories", () => {
  test("does not take the reference's frequent categories, which are frequent by chance, for drift", () => {
    expect(failures({ law: "uniform", categories: 90, reference: 600, rows: 200 }, 400)).toBeLessThan(mostOf(400));
  });

  describe.each(LAWS)("%s", (law) => {
    test.each([30, 90, 500])("of %i categories fails at most 1 % without drift", (categories) => {
      for (const [reference, rows] of [
        [100, 100],
        [600, 200],
      ] as const)
        expect(failures({ law, categories, reference, rows }, 300, 0)).toBeLessThan(mostOf(300));
    });
  });

  test.each([
    ["uniform", 30, 0.25],
    ["uniform", 90, 0.25],
    ["zipf", 30, 0.25],
    ["zipf", 90, 0.25],
    ["zipf", 500, 0.25],
    // Of 500 equally frequent categories, the 20 with a bin have too few rows for an index of 0.25.
    ["uniform", 500, 0.02],
  ] as const)("%s of %i categories: fails if every second one has a new name", (law, categories, max) => {
    const large = [2000, 2000] as const;
    for (const [reference, rows] of categories === 500 ? [large] : [[600, 200] as const, large])
      expect(failures({ law, categories, reference, rows, renamed: true }, 5, max)).toBe(5);
  });
});
