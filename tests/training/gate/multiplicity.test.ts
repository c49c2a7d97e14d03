import { expect, test } from "vitest";
import type { CheckResult } from "../../../training/gate/check.ts";
import { familywiseText, judgeFamily } from "../../../training/gate/multiplicity.ts";
import { parsePolicy, policySha256 } from "../../../training/gate/policy.ts";

const pValues: Record<string, number> = { f1: 0.009, recall: 0.012, precision: 0.03 };

/** Passes if the p-value is at most the one-sided error. */
const judge = async ({
  performance = {},
}: {
  readonly performance?: object | undefined;
}): Promise<readonly CheckResult[]> =>
  Object.entries(performance as Record<string, { confidence: number; level?: string }>).map(([key, terms]) => ({
    check: key,
    group: "performance",
    required: terms.level !== "advisory",
    detail: key,
    interval: [0, 1] as const,
    confidence: terms.confidence,
    outcome: (pValues[key] ?? 1) <= (1 - terms.confidence) / 2 + 1e-12 ? "pass" : "fail",
  }));

const policy = (more: object = {}) =>
  parsePolicy(
    {
      performance: {
        f1: { min: 0.5, confidence: 0.95 },
        recall: { min: 0.5, confidence: 0.95 },
        precision: { min: 0.5, confidence: 0.9, level: "advisory" },
      },
      ...more,
    },
    "policy",
  );
const outcomes = async (more: object) =>
  (await judgeFamily(policy(more), judge)).results.map(({ check, outcome }) => [check, outcome]);

test("without multiplicity, bounds are tested independently, and the risk is the sum", async () => {
  const { familywise } = await judgeFamily(policy(), judge);
  expect(familywise).toEqual({ checks: 2, multiplicity: "none", risk: expect.closeTo(0.05, 12) });
  expect(familywiseText(familywise)).toContain("at most 5 %; `gate.multiplicity: holm` limits it");
});

test("Holm halves the error for two bounds, gives the second one all of it, and ignores advisory ones", async () => {
  const holm = { multiplicity: "holm" };
  // In the order of the checks in the policy's schema.
  expect(Object.fromEntries((await outcomes(holm)) as [string, string][])).toEqual({
    precision: "pass",
    recall: "pass",
    f1: "pass",
  });
  pValues.recall = 0.02;
  expect(Object.fromEntries((await outcomes(holm)) as [string, string][])).toMatchObject({
    recall: "pass",
    f1: "pass",
  });
  pValues.f1 = 0.02;
  // Neither is below 0.0125: without Holm both pass.
  expect(Object.fromEntries((await outcomes(holm)) as [string, string][])).toMatchObject({
    recall: "fail",
    f1: "fail",
  });
  expect(Object.fromEntries((await outcomes({})) as [string, string][])).toMatchObject({ recall: "pass", f1: "pass" });
});

test("a policy without the key keeps its hash, and an unknown method is rejected", () => {
  expect(policySha256(policy())).not.toBe(policySha256(policy({ multiplicity: "holm" })));
  expect(() => policy({ multiplicity: "bonferroni" })).toThrow("must be none or holm");
});
