import { z } from "zod";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, confidence, inconclusive, type Level, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, isRequired, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import type { GroupFacts, SliceFacts } from "../facts.ts";
import { groupsOf, MAX_GROUPS } from "../groups.ts";
import { measureGroup } from "../measure-group.ts";
import { detectorOf, judgedAs, type Task, UNLABELLED } from "../metrics/answered-rows.ts";
import { proportion } from "../statistics/proportion.ts";
import { percent } from "./performance.ts";

/** Each with the tasks that it is defined for. */
const TASKS = {
  accuracy: ["binary", "multiclass"],
  demographicParity: ["binary"],
  equalizedOdds: ["binary"],
  meanErrorDifference: ["regression"],
  rmseDifference: ["regression"],
} as const satisfies Record<string, readonly Task[]>;
type SliceCheck = keyof typeof TASKS;
const sliceChecks = Object.keys(TASKS) as SliceCheck[];

const slice = z
  .strictObject({
    /** Column of the evaluation snapshot that the groups are made of. */
    column: z
      // A column may be called 0, and YAML makes a number of that.
      .union([z.string(), z.number()], "must name a column of the evaluation snapshot")
      .transform(String)
      .pipe(z.string().min(1, "must name a column of the evaluation snapshot")),
    /** Bounds between groups: [0] makes the groups <= 0 and > 0. */
    cuts: z.array(z.number()).min(1, "must have at least one number").optional(),
    /** Or that many groups of about the same size. Without both, each value is a group. */
    quantiles: z
      .int()
      .min(2, `must be from 2 to ${MAX_GROUPS}`)
      .max(MAX_GROUPS, `must be from 2 to ${MAX_GROUPS}`)
      .optional(),
    /** A smaller group cannot be judged: 30 unless told. */
    minSize: z.int().min(1, "must be at least 1").optional(),
    /** Of the group where it is smallest. */
    accuracy: z.strictObject({ min: ratio, confidence: confidence.optional(), level }).optional(),
    /** Largest minus smallest share of rows that are predicted positive. */
    demographicParity: atMost(ratio).optional(),
    /** The larger one of the differences of true and of false positive rates. */
    equalizedOdds: atMost(ratio).optional(),
    /** Of regressors: largest minus smallest mean error (prediction minus truth), in the unit of the target. */
    meanErrorDifference: atMost(notNegative).optional(),
    /** Of regressors: largest minus smallest root mean squared error. */
    rmseDifference: atMost(notNegative).optional(),
  })
  .refine(({ cuts, quantiles }) => !(cuts && quantiles), "must have cuts or quantiles, not both")
  .refine(
    (terms) => sliceChecks.some((key) => terms[key]),
    "must have at least one of accuracy, demographicParity, equalizedOdds, meanErrorDifference, rmseDifference",
  );

/** Slices by a name of one's own. */
export const slicesPolicy = z.record(z.string(), slice);
type SlicePolicy = z.infer<typeof slice>;

const MIN_SIZE = 30;
/** What a group needs to have the rate. */
const RATES = {
  selectionRate: "has rows",
  truePositiveRate: "has rows of class 1",
  falsePositiveRate: "has rows of class 0",
  meanError: "has rows",
  rmse: "has rows",
} as const;

export function judgeSlices(evaluation: Evaluation, snapshot: Snapshot, policy: z.infer<typeof slicesPolicy>) {
  const results: CheckResult[] = [];
  const slices: SliceFacts[] = [];
  for (const [name, terms] of Object.entries(policy)) {
    const groups = groupsOf(snapshot, terms);
    // A mistake of the policy, which more rows would not mend: it must not pass where `inconclusive: pass` does.
    for (const check of asked(terms)) {
      const problem = typeof groups === "string" ? groups : notOfModel(check.check, evaluation);
      if (problem !== undefined) results.push(impossible(`slices.${name}`, check, problem));
    }
    if (typeof groups === "string") continue;
    const facts = groups.map((group) => measureGroup(group, evaluation, terms.minSize ?? MIN_SIZE));
    slices.push({ name, column: terms.column, groups: facts });
    results.push(...judgeSlice(name, facts, withModel(terms, evaluation)));
  }
  return { results, facts: { slices } };
}

function notOfModel(check: SliceCheck, evaluation: Evaluation): string | undefined {
  if (!(TASKS[check] as readonly Task[]).includes(evaluation.task))
    return `${check} is not defined for the task ${judgedAs(evaluation)}`;
  // All of a classifier's rates are of its labels.
  return detectorOf(evaluation)?.unlabelled ? `${check} is not defined: ${UNLABELLED}` : undefined;
}

/** Without the checks that the model cannot be held to. */
const withModel = (terms: SlicePolicy, evaluation: Evaluation): SlicePolicy => ({
  ...terms,
  ...Object.fromEntries(
    sliceChecks.filter((check) => notOfModel(check, evaluation)).map((check) => [check, undefined]),
  ),
});

const asked = (terms: SlicePolicy): { check: SliceCheck; group: "slices"; level: Level }[] =>
  sliceChecks.flatMap((check) => {
    const part = terms[check];
    return part ? [{ check, group: "slices" as const, level: part.level }] : [];
  });

const impossible = (prefix: string, { check, group, level }: ReturnType<typeof asked>[number], detail: string) => ({
  ...{ check: `${prefix}.${check}`, group, required: isRequired({ level }), outcome: "fail" as const },
  detail: `${prefix}: ${detail}`,
});

/** Small groups are left out of the values; a check that passes without them is inconclusive, for nobody knows about them. */
function judgeSlice(name: string, all: readonly GroupFacts[], terms: SlicePolicy): CheckResult[] {
  const groups = all.filter(({ small }) => !small);
  const small = all.filter((group) => group.small).map((group) => `${group.name} has ${group.rows} rows`);
  const prefix = `slices.${name}`;
  const results: CheckResult[] = [];
  if (asked(terms).length === 0) return [];
  if (groups.length === 0)
    return asked(terms).map((part) =>
      inconclusive(
        { ...part, check: `${prefix}.${part.check}` },
        `${prefix}: no group has ${terms.minSize ?? MIN_SIZE} rows`,
      ),
    );
  if (terms.accuracy) results.push(worstAccuracy(`${prefix}.accuracy`, name, groups, terms.accuracy));
  const { demographicParity: parity, equalizedOdds: odds } = terms;
  if (parity) {
    const label = `demographic parity difference of ${name}`;
    results.push(largest(`${prefix}.demographicParity`, label, [spread(groups, "selectionRate")], parity));
  }
  if (odds) {
    const spreads = [spread(groups, "truePositiveRate"), spread(groups, "falsePositiveRate")];
    results.push(largest(`${prefix}.equalizedOdds`, `equalized odds difference of ${name}`, spreads, odds));
  }
  for (const [key, rate, label] of [
    ["meanErrorDifference", "meanError", "difference of the mean error"],
    ["rmseDifference", "rmse", "difference of the root mean squared error"],
  ] as const)
    if (terms[key])
      results.push(largest(`${prefix}.${key}`, `${label} of ${name}`, [spread(groups, rate)], terms[key]));
  if (small.length === 0) return results;
  const note = `too few to judge: ${small.join(", ")}, minSize is ${terms.minSize ?? MIN_SIZE}`;
  return results.map((result) => ({
    ...result,
    ...(result.outcome === "pass" && { outcome: "inconclusive" as const }),
    detail: `${result.detail} (${note})`,
  }));
}

function worstAccuracy(
  check: string,
  name: string,
  groups: readonly GroupFacts[],
  terms: NonNullable<SlicePolicy["accuracy"]>,
) {
  const { min, confidence: share, level } = terms;
  const worst = groups.reduce((least, group) => ((group.accuracy ?? 1) < (least.accuracy ?? 1) ? group : least));
  const value = worst.accuracy ?? Number.NaN;
  const common = { check, group: "slices", value, bound: min, relation: ">=", level } as const;
  const label = `accuracy of ${name} where ${worst.name}`;
  if (share === undefined)
    return compare({ ...common, label, why: `worst of ${groups.length} groups, ${worst.rows} rows` });
  // The worst value need not have the lowest bound: a small group's interval is wider.
  const lowest = groups
    .map((group) => ({
      group,
      interval: proportion(Math.round((group.accuracy ?? 0) * group.rows), group.rows, share).interval,
    }))
    .reduce((least, one) => (one.interval[0] < least.interval[0] ? one : least));
  return compare({
    ...common,
    value: lowest.group.accuracy ?? Number.NaN,
    label: `accuracy of ${name} where ${lowest.group.name}`,
    judged: { label: `lower bound at ${percent(share)}`, value: lowest.interval[0] },
    interval: lowest.interval,
    confidence: share,
    why: `lowest bound (Wilson, or exact) of ${groups.length} groups, ${lowest.group.rows} rows`,
  });
}

/** Holds the largest difference against the bound. One that is within it says nothing where another could not be taken. */
function largest(
  check: string,
  label: string,
  spreads: readonly ReturnType<typeof spread>[],
  { max, level }: { readonly max: number; readonly level?: Level },
): CheckResult {
  const found = spreads.filter((one) => typeof one !== "string").toSorted((a, b) => b.difference - a.difference)[0];
  const open = spreads.find((one) => typeof one === "string");
  const common = { check, group: "slices", level } as const;
  if (found && (!open || found.difference > max))
    return compare({ ...common, label, relation: "<=", value: found.difference, bound: max, why: found.why });
  return inconclusive(common, `${label}: ${open}`);
}

/** Groups without such a rate are left out. A text says why there is no difference. */
function spread(groups: readonly GroupFacts[], rate: keyof typeof RATES) {
  const rates = groups.flatMap(({ name, [rate]: value }) => (typeof value === "number" ? [{ name, value }] : []));
  const sorted = rates.toSorted((a, b) => a.value - b.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (!least || !most || rates.length < 2) return `${rates.length} of its groups that can be judged ${RATES[rate]}`;
  const told = `${rate} ${most.value.toFixed(4)} where ${most.name}, ${least.value.toFixed(4)} where ${least.name}`;
  return { difference: most.value - least.value, why: told };
}
