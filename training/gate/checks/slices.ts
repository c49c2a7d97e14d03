import type { Level } from "../bounds.ts";
import { type CheckResult, isRequired } from "../check.ts";
import type { SliceDetails } from "../check-details.ts";
import type { Evaluation } from "../evaluation.ts";
import type { MeasuredSlices } from "../measure-slices.ts";
import { detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import { type Dropped, type Judged, lowestRate, type Measured, rateDifference } from "./group-bounds.ts";
import {
  CLASS_DIFFERENCES,
  DIFFERENCES,
  FLOORS,
  type Rate,
  type SlicePolicy,
  TARGET_DIFFERENCES,
} from "./slice-policy.ts";

/** Maximum number of groups in a check's message; the report has all of them. */
const MAX_LISTED = 8;

/** A slice's check. */
interface SliceCheck {
  /** Key below `slices.<name>`. */
  readonly key: string;
  readonly level: Level;
  /** A mistake in the policy. More rows cannot fix it, so it fails even under `inconclusive: pass`. */
  readonly problem: string | undefined;
  readonly judge: (measured: Measured) => Judged;
}

/** Compares group rates with the policy's bounds. @param measured the groups of these slices */
export function judgeSlices(
  evaluation: Evaluation,
  measured: MeasuredSlices,
  policy: Readonly<Record<string, SlicePolicy>>,
) {
  const results: CheckResult[] = [];
  const slices: SliceDetails[] = [];
  for (const [name, terms] of Object.entries(policy)) {
    const slice = measured.get(name) ?? "its groups were not measured";
    const checks = checksOf(terms, evaluation);
    for (const check of checks) {
      const problem = typeof slice === "string" ? slice : check.problem;
      if (problem !== undefined) results.push(impossible(name, check, problem));
    }
    if (typeof slice === "string") continue;
    const { groups, minSize, column } = slice;
    const absent = slice.absent.map((group) => ({
      group,
      why: "has rows in the reference, but none in the evaluation snapshot",
    }));
    const dropped = new Map<string, Dropped>(absent.map((one) => [one.group, one]));
    for (const { key, level, problem, judge } of checks) {
      if (problem !== undefined) continue;
      const check = `slices.${name}.${key}`;
      const found = judge({ check, name, groups, minSize, level });
      for (const { group, why } of found.dropped) dropped.set(`${group} ${why}`, { group, why });
      results.push(withDropped(found, absent, minSize));
    }
    slices.push({ name, column, groups, dropped: [...dropped.values()] });
  }
  return { results, facts: { slices } };
}

const impossible = (name: string, { key, level }: SliceCheck, problem: string): CheckResult => ({
  check: `slices.${name}.${key}`,
  group: "slices",
  required: isRequired({ level }),
  outcome: "fail",
  detail: `slices.${name}: ${problem}`,
});

/** Lists groups without a rate in the message. Makes a pass with too few rows in a group inconclusive, because that group might fail. */
function withDropped({ result, subject, dropped }: Judged, absent: readonly Dropped[], minSize: number): CheckResult {
  const list = (groups: readonly string[]) => {
    const more = groups.length > MAX_LISTED ? [`and ${groups.length - MAX_LISTED} more (see the report)`] : [];
    return [...groups.slice(0, MAX_LISTED), ...more].join(", ");
  };
  const small = list(dropped.map(({ group, counted }) => `${counted} where ${group}`));
  const unseen = absent.length > 0 ? [`not evaluated: ${list(absent.map(({ group, why }) => `${group} ${why}`))}`] : [];
  if (dropped.length > 0 && result.outcome === "pass") {
    const remedy = `Lower minSize${result.required ? ", or set inconclusive: pass" : ""}`;
    const others = [`the other groups pass: ${result.detail}`, ...unseen].join("; ");
    const detail = `${subject}: only ${small}, but minSize is ${minSize} (${others}). ${remedy}`;
    return { ...result, outcome: "inconclusive", detail };
  }
  const notes = [...(dropped.length > 0 ? [`too few rows: ${small}; minSize is ${minSize}`] : []), ...unseen];
  return notes.length === 0 ? result : { ...result, detail: `${result.detail} (${notes.join("; ")})` };
}

type Differences = Readonly<Record<string, (typeof DIFFERENCES)[keyof typeof DIFFERENCES]>>;
type Terms = Readonly<Record<string, { readonly max: number; readonly level?: Level } | undefined>>;

/** A class or a target whose rates are bounded. */
interface Part {
  readonly kind: "classes" | "targets";
  readonly name: string;
  readonly problem: string | undefined;
}

function checksOf(terms: SlicePolicy, evaluation: Evaluation): SliceCheck[] {
  const { task } = evaluation;
  // All rates of a classifier depend on its labels.
  const unlabelled = detectorOf(evaluation)?.unlabelled ? UNLABELLED : undefined;
  const notOfTask = (key: string, tasks: readonly string[]) =>
    tasks.includes(task)
      ? unlabelled && `${key} is not defined: ${unlabelled}`
      : `${key} is not defined for the task ${judgedAs(evaluation)}`;
  const floors = (Object.keys(FLOORS) as (keyof typeof FLOORS)[]).flatMap((key): SliceCheck[] => {
    const bound = terms[key];
    if (!bound) return [];
    const judge = (measured: Measured) => lowestRate(measured, key, bound);
    return [{ key, level: bound.level, problem: notOfTask(key, FLOORS[key]), judge }];
  });
  const differences = (kinds: Differences, given: Terms, part?: Part): SliceCheck[] =>
    Object.entries(kinds).flatMap(([key, { rates, tasks, label }]) => {
      const bound = given[key];
      if (!bound) return [];
      const prefix = part ? `${part.kind}.${part.name}.` : "";
      const judge = (measured: Measured) =>
        rateDifference(measured, {
          label: part ? `${label} of ${part.name}` : label,
          rates: rates.map((rate: Rate) => ({ rate, path: `${prefix}${rate}` })),
          max: bound.max,
        });
      const problem = part ? part.problem : notOfTask(key, tasks);
      return [{ key: `${prefix}${key}`, level: bound.level, problem, judge }];
    });
  const ofClass = (name: string) => {
    if (evaluation.task !== "multiclass")
      return `bounds by class require the task multiclass, not ${judgedAs(evaluation)}`;
    const { classes } = evaluation;
    return classes.some((one) => String(one) === name)
      ? undefined
      : `class ${name} does not exist; the classes are ${classes.join(", ")}`;
  };
  const ofTarget = (name: string) => {
    if (evaluation.task !== "regression")
      return `bounds by target require the task regression, not ${judgedAs(evaluation)}`;
    const { targets } = evaluation;
    return targets.includes(name) ? undefined : `target ${name} does not exist; the targets are ${targets.join(", ")}`;
  };
  return [
    ...floors,
    ...differences(DIFFERENCES, terms as Terms),
    ...Object.entries(terms.classes ?? {}).flatMap(([name, given]) =>
      differences(CLASS_DIFFERENCES, given, { kind: "classes", name, problem: ofClass(name) }),
    ),
    ...Object.entries(terms.targets ?? {}).flatMap(([name, given]) =>
      differences(TARGET_DIFFERENCES, given, { kind: "targets", name, problem: ofTarget(name) }),
    ),
  ];
}
