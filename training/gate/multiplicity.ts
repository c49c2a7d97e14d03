import { type CheckResult, isRequired } from "./check.ts";
import type { Policy } from "./policy.ts";

/** What the gate's confidence is worth over all required checks together. */
export interface Familywise {
  /** Required bounds and comparisons that are held by an interval. */
  readonly checks: number;
  /** Largest chance that at least one of them passes although its bound does not hold: the sum of their own (Bonferroni). */
  readonly risk: number;
  readonly multiplicity: "none" | "holm";
}

/** The checks that may be held by an interval. */
type Terms = Pick<Policy, "accuracy" | "performance" | "champion" | "baseline" | "slices" | "custom">;
type Judge = (policy: Terms) => Promise<readonly CheckResult[]>;

const isConfident = ({ required, confidence, interval }: CheckResult) =>
  required && confidence !== undefined && !!interval;

/**
 * Judges all bounds with confidence as a family, by Holm's step-down (1979): with m of them left each gets 1 / m of the error; those that pass are
 * proved and leave the rest more of it, until no other passes. The chance of any wrong pass is then at most that of a single check.
 * @param judge all results of the policy it is given
 */
export async function judgeFamily(policy: Policy, judge: Judge) {
  const first = await judge(policy);
  const family = first.filter(isConfident);
  const plain: Familywise = {
    ...{ checks: family.length, multiplicity: policy.multiplicity ?? "none" },
    risk: Math.min(
      1,
      family.reduce((sum, { confidence = 1 }) => sum + (1 - confidence) / 2, 0),
    ),
  };
  if (policy.multiplicity !== "holm" || family.length < 2) return { results: first, familywise: plain };
  const places = first.flatMap((result, place) => (isConfident(result) ? [place] : []));
  let results = [...first];
  let proved = new Set<number>();
  for (let left = places.length; left > 0; left = places.length - proved.size) {
    const judged = await judge(withConfidence(policy, left));
    results = results.map((result, place) => (proved.has(place) ? result : (sameBound(judged, result) ?? result)));
    const passed = new Set(places.filter((place) => results[place]?.outcome === "pass"));
    if (passed.size === proved.size) break;
    proved = passed;
  }
  const risk = Math.max(...family.map(({ confidence = 1 }) => (1 - confidence) / 2));
  // A check without an answer at a higher confidence has one result for both of its bounds.
  return { results: [...new Set(results)], familywise: { ...plain, risk } };
}

/** The result of a bound at another confidence; the check's own, which has no bound, where it could not be judged at that one. */
function sameBound(judged: readonly CheckResult[], { check, relation }: CheckResult): CheckResult | undefined {
  const own = judged.filter((one) => one.check === check);
  return own.find((one) => one.relation === relation) ?? own[0];
}

/** Each required check that has a confidence with a share of the error; no other. */
function withConfidence({ accuracy, performance, champion, baseline, slices, custom }: Policy, checks: number): Terms {
  const comparisons = { champion: withDefaultConfidence(champion), baseline: withDefaultConfidence(baseline) };
  // A command that need not run again does not.
  const commands = Object.fromEntries(Object.entries(custom ?? {}).filter(([, terms]) => isAdjusted(terms)));
  return {
    ...tightened({ accuracy, performance, ...comparisons, custom: commands }, checks),
    slices: slices && ofSlices(slices, checks),
  };
}

type Bounds = { readonly confidence?: number | undefined; readonly level?: "required" | "advisory" | undefined };
const isAdjusted = (terms: Bounds) => terms.confidence !== undefined && isRequired(terms);

/** Groups are made as before: only the floor of a slice can have a confidence. */
function ofSlices(slices: NonNullable<Policy["slices"]>, checks: number): NonNullable<Policy["slices"]> {
  const adjusted = Object.entries(slices).flatMap(([name, { accuracy, column, columns }]) =>
    accuracy && isAdjusted(accuracy) ? [[name, { column, columns, accuracy: tightened(accuracy, checks) }]] : [],
  );
  return Object.fromEntries(adjusted);
}

/** Comparisons have a confidence by default. */
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

/** One line for people; undefined where there is no family. */
export function familywiseText({ checks, risk, multiplicity }: Familywise): string | undefined {
  if (checks < 2) return undefined;
  const chance = `The chance that at least one passes although its bound does not hold is at most ${percent(risk)}`;
  return multiplicity === "holm"
    ? `${checks} required bounds are held with confidence, adjusted after Holm. ${chance}.`
    : `${checks} required bounds are held with confidence, each for itself. ${chance}; \`gate.multiplicity: holm\` keeps it at that of one.`;
}
