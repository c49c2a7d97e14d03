import { type CheckResult, isRequired } from "./check.ts";
import type { Policy } from "./policy.ts";

/** Joint certainty of all required checks with confidence. */
export interface Familywise {
  /** Number of required bounds and comparisons with an interval. */
  readonly checks: number;
  /** Maximum probability that at least one of them passes although its bound does not hold: the sum of their own (Bonferroni). */
  readonly risk: number;
  readonly multiplicity: "none" | "holm";
}

/** The checks that may have an interval. */
type Terms = Pick<Policy, "accuracy" | "performance" | "champion" | "baseline" | "slices" | "custom">;
type Judge = (policy: Terms) => Promise<readonly CheckResult[]>;

const isConfident = ({ required, confidence, interval }: CheckResult) =>
  required && confidence !== undefined && !!interval;

/**
 * Tests all bounds with confidence as a family, by Holm's step-down procedure (1979): each of m remaining bounds gets 1 / m of the error. Those that
 * pass are confirmed and leave the rest a larger share, until no other passes. The probability of any wrong pass is then at most that of a single check.
 * @param judge returns all results for a policy
 */
export async function judgeFamily(policy: Policy, judge: Judge) {
  const first = await judge(policy);
  const family = first.filter(isConfident);
  const plain: Familywise = {
    checks: family.length,
    multiplicity: policy.multiplicity ?? "none",
    risk: Math.min(
      1,
      family.reduce((sum, { confidence = 1 }) => sum + (1 - confidence) / 2, 0),
    ),
  };
  if (policy.multiplicity !== "holm" || family.length < 2) return { results: first, familywise: plain };
  const indexes = first.flatMap((result, index) => (isConfident(result) ? [index] : []));
  let results = [...first];
  let confirmed = new Set<number>();
  for (let left = indexes.length; left > 0; left = indexes.length - confirmed.size) {
    const judged = await judge(withConfidence(policy, left));
    results = results.map((result, index) => (confirmed.has(index) ? result : (sameBound(judged, result) ?? result)));
    const passed = new Set(indexes.filter((index) => results[index]?.outcome === "pass"));
    if (passed.size === confirmed.size) break;
    confirmed = passed;
  }
  const risk = Math.max(...family.map(({ confidence = 1 }) => (1 - confidence) / 2));
  // A check that is inconclusive at a higher confidence has one result for both of its bounds.
  return { results: [...new Set(results)], familywise: { ...plain, risk } };
}

/** The result of a bound at another confidence; if it could not be tested, the check's own result, which has no bound. */
function sameBound(judged: readonly CheckResult[], { check, relation }: CheckResult): CheckResult | undefined {
  const own = judged.filter((one) => one.check === check);
  return own.find((one) => one.relation === relation) ?? own[0];
}

/** Gives each required check with a confidence its share of the error, and drops all others. */
function withConfidence({ accuracy, performance, champion, baseline, slices, custom }: Policy, checks: number): Terms {
  const comparisons = { champion: withDefaultConfidence(champion), baseline: withDefaultConfidence(baseline) };
  // Rerun only the commands whose confidence changes.
  const commands = Object.fromEntries(Object.entries(custom ?? {}).filter(([, terms]) => isAdjusted(terms)));
  return {
    ...tightened({ accuracy, performance, ...comparisons, custom: commands }, checks),
    slices: slices && ofSlices(slices, checks),
  };
}

type Bounds = { readonly confidence?: number | undefined; readonly level?: "required" | "advisory" | undefined };
const isAdjusted = (terms: Bounds) => terms.confidence !== undefined && isRequired(terms);

/** Groups do not change: only a slice's minimum can have a confidence. */
function ofSlices(slices: NonNullable<Policy["slices"]>, checks: number): NonNullable<Policy["slices"]> {
  const adjusted = Object.entries(slices).flatMap(([name, { accuracy, column, columns }]) =>
    accuracy && isAdjusted(accuracy) ? [[name, { column, columns, accuracy: tightened(accuracy, checks) }]] : [],
  );
  return Object.fromEntries(adjusted);
}

/** Comparisons have a default confidence. */
export function withDefaultConfidence<Comparisons extends object>(
  comparisons: Comparisons | undefined,
): Comparisons | undefined {
  if (!comparisons) return undefined;
  const entries = Object.entries(comparisons).map(([key, terms]) => [
    key,
    typeof terms === "object" ? { ...terms, confidence: terms.confidence ?? 0.95 } : terms,
  ]);
  return Object.fromEntries(entries) as Comparisons;
}

function tightened<Part>(terms: Part, checks: number): Part {
  if (typeof terms !== "object" || terms === null || Array.isArray(terms)) return terms;
  if ("level" in terms && terms.level === "advisory") return terms;
  const entries = Object.entries(terms).map(([key, value]) => [
    key,
    key === "confidence" && typeof value === "number" ? 1 - (1 - value) / checks : tightened(value, checks),
  ]);
  return Object.fromEntries(entries) as Part;
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))} %`;

/** Describes the family in one line; undefined without one. */
export function familywiseText({ checks, risk, multiplicity }: Familywise): string | undefined {
  if (checks < 2) return undefined;
  const chance = `The probability that at least one passes although its bound does not hold is at most ${percent(risk)}`;
  return multiplicity === "holm"
    ? `${checks} required bounds have a confidence, adjusted by Holm's method. ${chance}.`
    : `${checks} required bounds have a confidence, each on its own. ${chance}; \`gate.multiplicity: holm\` limits it to that of a single bound.`;
}

/** p-values adjusted after Benjamini and Hochberg: rejecting those below a level keeps the false discovery rate at that level. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[b] as number) - (pValues[a] as number));
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  for (const [rank, index] of order.entries()) {
    smallest = Math.min(smallest, ((pValues[index] as number) * pValues.length) / (pValues.length - rank));
    adjusted[index] = smallest;
  }
  return adjusted;
}
