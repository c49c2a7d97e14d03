import { compare, inconclusive, type Level } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import type { GroupDetails, RateDetails } from "../check-details.ts";
import { isFound } from "../intervals/interval.ts";
import { shareFound } from "../intervals/metric-interval.ts";
import { percent } from "./performance.ts";
import { RATES, type Rate } from "./slice-policy.ts";

/** Groups with their rates, and the check to apply. */
export interface Measured {
  /** The check's full key. */
  readonly check: string;
  /** Name of the slice. */
  readonly name: string;
  readonly groups: readonly GroupDetails[];
  /** Minimum rows in a rate's denominator. */
  readonly minSize: number;
  readonly level: Level;
}

/** A group for which a rate is not available. */
export interface Dropped {
  readonly group: string;
  readonly why: string;
}

/** A group with too few rows for a rate. */
interface TooSmall extends Dropped {
  /** Its rows in words, such as `20 positive rows`. */
  readonly counted: string;
}

export interface Judged {
  readonly result: CheckResult;
  /** What was compared, such as `accuracy of region`. */
  readonly subject: string;
  readonly dropped: readonly TooSmall[];
}

interface GroupRate extends RateDetails {
  readonly group: string;
  readonly value: number;
}

/** Separates groups with enough rows for a rate from those without. @param path of the rate in a group's rates */
function enoughRows({ groups, minSize }: Measured, rate: Rate, path: string) {
  const rates: GroupRate[] = [];
  const dropped: TooSmall[] = [];
  for (const { name: group, rates: all } of groups) {
    const found = all?.[path] ?? { value: null, rows: 0 };
    const { value, rows } = found;
    const counted = `${rows} ${RATES[rate].of}`;
    if (value === null || rows < minSize) dropped.push({ group, why: `has ${counted}`, counted });
    else rates.push({ ...found, value, group });
  }
  return { rates, dropped };
}

/** Compares the lowest rate of any group with the bound. With `confidence`, compares the lowest end of any group's interval instead. */
export function lowestRate(
  measured: Measured,
  rate: "accuracy" | "macroRecall",
  { min, confidence }: { readonly min: number; readonly confidence?: number | undefined },
): Judged {
  const { check, name, level, minSize } = measured;
  const { rates, dropped } = enoughRows(measured, rate, rate);
  const common = { check, group: "slices", level } as const;
  const lowest = (measure: (rate: GroupRate) => number) =>
    rates.length === 0 ? undefined : rates.reduce((least, one) => (measure(one) < measure(least) ? one : least));
  const subject = `${RATES[rate].label} of ${name}`;
  const label = ({ group }: GroupRate) => `${subject} where ${group}`;
  const bound = { ...common, bound: min, relation: ">=" } as const;
  const intervalOf = ({ value, rows, effectiveRows = rows }: GroupRate) => {
    const found = shareFound([value * effectiveRows, effectiveRows], confidence ?? 0);
    return isFound(found) ? found.interval : ([0, 1] as const);
  };
  const worst = confidence === undefined ? lowest(({ value }) => value) : lowest((one) => intervalOf(one)[0]);
  if (!worst)
    return {
      result: inconclusive(common, `slices.${name}: no group has ${minSize} ${RATES[rate].of}`),
      subject,
      dropped,
    };
  const { value, rows } = worst;
  if (confidence === undefined) {
    const why = `worst of ${rates.length} groups, ${rows} rows`;
    return { result: compare({ ...bound, value, label: label(worst), why }), subject, dropped };
  }
  // The group with the lowest bound need not have the lowest value, because a small group's interval is wider.
  const interval = intervalOf(worst);
  const result = compare({
    ...bound,
    value,
    label: label(worst),
    judged: { label: `lower bound at ${percent(confidence)}`, value: interval[0] },
    interval,
    confidence,
    why: `lowest bound (Wilson or exact) of ${rates.length} groups, ${rows} rows`,
  });
  return { result, subject, dropped };
}

/**
 * Compares the largest difference between two groups with the bound. A difference within the bound is inconclusive if another rate's difference
 * is not available.
 */
export function rateDifference(
  measured: Measured,
  {
    label: differenceLabel,
    rates,
    max,
  }: {
    readonly label: string;
    readonly rates: readonly { readonly rate: Rate; readonly path: string }[];
    readonly max: number;
  },
): Judged {
  const { check, name, level } = measured;
  const label = `${differenceLabel} of ${name}`;
  const common = { check, group: "slices", level } as const;
  const spreads = rates.map(({ rate, path }) => spread(measured, rate, path));
  // Both rates may drop the same group.
  const dropped = [
    ...new Map(spreads.flatMap((one) => one.dropped).map((one) => [`${one.group} ${one.why}`, one])).values(),
  ];
  const found = spreads.filter((one) => "difference" in one).toSorted((a, b) => b.difference - a.difference)[0];
  const undecided = spreads.find((one) => "problem" in one);
  const result =
    found && (!undecided || found.difference > max)
      ? compare({ ...common, label, relation: "<=", value: found.difference, bound: max, why: found.why })
      : inconclusive(common, `${label}: ${undecided?.problem ?? "there are no groups"}`);
  return { result, subject: label, dropped };
}

/** The difference of a rate between groups, or why there is none: fewer than two groups have the rate. */
type Spread = { readonly dropped: readonly TooSmall[] } & (
  | { readonly difference: number; readonly why: string }
  | { readonly problem: string }
);

function spread(measured: Measured, rate: Rate, path: string): Spread {
  const { rates, dropped } = enoughRows(measured, rate, path);
  const sorted = rates.toSorted((a, b) => a.value - b.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const { label, of } = RATES[rate];
  if (!least || !most || rates.length < 2)
    return { problem: `${rates.length === 0 ? "none" : "only one"} of its groups has enough ${of}`, dropped };
  const why = `${label} ${most.value.toFixed(4)} where ${most.group}, ${least.value.toFixed(4)} where ${least.group}`;
  return { difference: most.value - least.value, why, dropped };
}
