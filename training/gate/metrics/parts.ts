import { createHash } from "node:crypto";
import type { ClassName } from "../../../data/prediction.ts";
import type { AnsweredRows, BinaryRows, MulticlassRows, RegressionRows } from "./answered-rows.ts";
import { type Metric, viewOf } from "./metric.ts";
import { rowValues } from "./row-mean.ts";
import { targetColumn } from "./target-columns.ts";

/**
 * Restricts rows to one class against all others, so that any binary metric refers to that class.
 * @throws RangeError for an unknown class
 */
export function oneVersusRest(
  { rows, classes, labels, predicted, probabilities, epsilon }: MulticlassRows,
  name: ClassName,
): BinaryRows {
  const own = classes.indexOf(name);
  if (own < 0) throw new RangeError(`class "${name}" is unknown: the classes are ${classes.join(", ")}`);
  const isOwn = (label: number) => (label === own ? 1 : 0);
  const positive = probabilities && rowValues(rows, (row) => probabilities[row * classes.length + own] as number);
  return {
    task: "binary",
    rows,
    classes: [`not ${name}`, name],
    labels: labels.map(isOwn),
    predicted: predicted.map(isOwn),
    ...(positive && { positive, scores: positive }),
    epsilon,
  };
}

/**
 * Restricts rows to one target.
 * @throws RangeError for an unknown target
 */
export function targetRows(rows: RegressionRows, target: string): RegressionRows {
  const { truth, predicted } = targetColumn(rows, target);
  return { task: "regression", rows: rows.rows, targets: [target], truth, predicted };
}

/** Restricts a binary metric to one of several classes, such as the recall of `gentoo`. */
export const ofClass = (metric: Metric, name: ClassName): Metric =>
  part(metric, `${metric.label} of ${name}`, classRunName(String(name)), (rows) =>
    rows.task === "multiclass" ? oneVersusRest(rows, name) : undefined,
  );

/** Suffixes of metrics over all classes: `recall_macro` is the mean recall, not the recall of a class named `macro`. */
const AVERAGES = new Set(["macro", "micro", "weighted", "ovr", "ovo"]);

const classRunName = (name: string): string =>
  AVERAGES.has(name) ? `${codePoint(name.charAt(0))}${name.slice(1)}` : runName(name);

/** Restricts a regression metric to one target. */
export const ofTarget = (metric: Metric, target: string): Metric =>
  part(metric, `${metric.label} of ${target}`, runName(target), (rows) =>
    rows.task === "regression" ? targetRows(rows, target) : undefined,
  );

function part(
  metric: Metric,
  label: string,
  /** Suffix of the metric's name on the run. */
  suffix: string,
  rowsOf: (rows: AnsweredRows) => AnsweredRows | undefined,
): Metric {
  const { taskRange, losses: _, caution, ...row } = metric;
  return {
    ...row,
    range: taskRange?.binary ?? metric.range,
    label,
    metric: `${metric.metric}_${suffix}`,
    ...(caution && {
      caution: (rows: AnsweredRows, weights?: ArrayLike<number>) => {
        const own = rowsOf(rows);
        return own && caution(own, weights);
      },
    }),
    partOf: { metric, rowsOf },
    tasks: metric.tasks.includes("regression") ? ["regression"] : ["multiclass"],
    of: (rows) => {
      const own = rowsOf(rows);
      return own && metric.of(own);
    },
    valueOf: ({ rows, weights }) => {
      const own = rowsOf(rows);
      return own && metric.valueOf(viewOf(own, weights));
    },
  };
}

/** MLflow accepts keys of up to 250 characters; the metric's own name needs the rest. */
const MAX_LENGTH = 150;

/**
 * Escapes a class's or target's name for a metric's name on an MLflow run, which may contain letters and digits of any script, `_`, `-`, `.` and
 * spaces. Any other character becomes its hexadecimal code point between underscores, so that distinct names stay distinct. A long name is truncated
 * and followed by a digest of the whole name.
 */
export function runName(name: string): string {
  const safe = name.normalize("NFC").replace(/[^\p{L}\p{Nd}_.\- ]/gu, codePoint);
  const points = [...safe];
  if (points.length <= MAX_LENGTH) return safe;
  return `${points.slice(0, MAX_LENGTH - 9).join("")}_${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

const codePoint = (character: string): string => `_${(character.codePointAt(0) as number).toString(16)}_`;
