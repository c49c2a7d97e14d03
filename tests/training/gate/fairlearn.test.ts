import { expect, test } from "vitest";
import type { Table } from "../../../data/table.ts";
import { slicesPolicy } from "../../../training/gate/checks/slice-policy.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import recorded from "../../fixtures/gate-slices/fairlearn.json" with { type: "json" };
import { judgeSlices } from "./evaluation-with.ts";

/** Output of record_fairlearn.py. */
interface Frame {
  readonly groups: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly differences: Readonly<Record<string, number>>;
}
interface Case {
  readonly columns: readonly ("sex" | "region")[];
  readonly weighted: boolean;
  readonly binary: Frame & { readonly demographicParity: number; readonly equalizedOdds: number };
  readonly multiclass: Frame;
  readonly regression: Frame;
}
const { rows } = recorded;
// Groups of two columns have keys that groups of one column lack.
const cases = recorded.cases as unknown as readonly Case[];
const count = rows.sex.length;
const about = { sumError: 0, samples: [], metrics: {} };

const texts = (values: readonly string[]) => {
  const dictionary = [...new Set(values)];
  return { kind: "text", codes: Int32Array.from(values, (value) => dictionary.indexOf(value)), dictionary } as const;
};
const table: Table = {
  rows: count,
  fields: ["sex", "region"].map((name) => ({ name, type: "string", nullable: false })),
  columns: [texts(rows.sex), texts(rows.region)],
};
const snapshot = { path: "p.csv", md5: "m", rows: count, table, truth: undefined, unfit: new Map() };

const labelled = ([labels = [], predicted = []]: readonly (readonly number[])[]) => ({
  rows: count,
  labels: Int32Array.from(labels),
  predicted: Int32Array.from(predicted),
  epsilon: 2 ** -52,
});
const EVALUATIONS: Readonly<Record<"binary" | "multiclass" | "regression", Evaluation>> = {
  binary: { task: "binary", classes: [0, 1], ...labelled(rows.binary), ...about },
  multiclass: { task: "multiclass", classes: [0, 1, 2], ...labelled(rows.multiclass), ...about },
  regression: {
    task: "regression",
    rows: count,
    targets: ["y"],
    truth: Float64Array.from(rows.regression[0] ?? []),
    predicted: Float64Array.from(rows.regression[1] ?? []),
    ...about,
  },
};
const any = { max: 1e9 };
const share = { max: 1 };
const CHECKS = {
  binary: {
    accuracyDifference: share,
    demographicParity: share,
    truePositiveRateDifference: share,
    falsePositiveRateDifference: share,
    precisionDifference: share,
    equalizedOdds: share,
  },
  multiclass: {
    accuracyDifference: share,
    macroRecallDifference: share,
    classes: {
      2: {
        selectionRateDifference: share,
        truePositiveRateDifference: share,
        falsePositiveRateDifference: share,
        precisionDifference: share,
      },
    },
  },
  regression: { meanErrorDifference: any, rmseDifference: any },
};

test.each(
  cases.flatMap((one) =>
    (["binary", "multiclass", "regression"] as const).map((task) => ({ ...one, task, by: one.columns.join(" x ") })),
  ),
)(
  "$task by $by, weighted: $weighted: every rate and difference is fairlearn's",
  ({ task, columns, weighted, ...one }) => {
    const frame: Frame = one[task];
    const weights = Float64Array.from(rows.weights);
    const by = columns.length === 1 ? { column: columns[0] } : { columns };
    const policy = slicesPolicy.parse({ s: { ...by, minSize: 1, ...CHECKS[task] } });
    const { results, facts } = judgeSlices({ ...EVALUATIONS[task], ...(weighted && { weights }) }, snapshot, policy);
    const groups = facts.slices[0]?.groups ?? [];
    expect(groups).toHaveLength(Object.keys(frame.groups).length);
    let compared = 0;
    for (const [name, rates] of Object.entries(frame.groups)) {
      const values = name.split(" ");
      const group = groups.find((found) => values.every((value) => found.name.includes(`= ${value}`)));
      for (const [rate, value] of Object.entries(rates)) {
        expect(group?.rates?.[rate]?.value, `${rate} of ${name}`).toBeCloseTo(value, 9);
        compared++;
      }
    }
    expect(compared).toBe(groups.length * Object.keys(frame.differences).length);
    const differences: Record<string, number> = { ...frame.differences };
    if (task === "binary") {
      const { demographicParity, equalizedOdds } = one.binary;
      expect(differences.selectionRate).toBeCloseTo(demographicParity, 9);
      delete differences.selectionRate;
      Object.assign(differences, { demographicParity, equalizedOdds });
    }
    expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => "pass"));
    expect(results).toHaveLength(Object.keys(differences).length);
    for (const { check, value } of results) {
      const key = check.replace("slices.s.", "").replace(/Difference$/, "");
      expect(value, check).toBeCloseTo(differences[key] ?? Number.NaN, 9);
    }
  },
);
