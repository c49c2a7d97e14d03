import { z } from "zod";
import { denseTable } from "../../../data/table.ts";
import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, positive, ratio } from "../bounds.ts";
import { type CheckResult, isRequired } from "../check.ts";
import { answer, columnOrder, type Evaluation } from "../evaluation.ts";
import type { PerturbationFacts } from "../facts.ts";
import { type Random, seededRandom } from "../statistics/random.ts";

const bounds = {
  /** Share of rows whose label changes. */
  flips: atMost(ratio).optional(),
  /** Accuracy without minus accuracy with the perturbation. */
  accuracyDrop: atMost(ratio).optional(),
};
const hasBound = ({ flips, accuracyDrop }: { flips?: unknown; accuracyDrop?: unknown }) => !!flips || !!accuracyDrop;
const BOUND = "must have flips or accuracyDrop";

export const robustnessPolicy = z
  .strictObject({
    /** Of the random numbers; 42 unless told. */
    seed: z.int().optional(),
    /** Gaussian noise on every cell. */
    noise: z
      .strictObject({
        /** Standard deviation of the noise, in standard deviations of the column. */
        deviations: positive,
        ...bounds,
      })
      .refine(hasBound, BOUND)
      .optional(),
    /** Cells at random get the mean of their column, as a service does that fills gaps. */
    missing: z
      .strictObject({
        /** Of the cells. */
        share: ratio,
        ...bounds,
      })
      .refine(hasBound, BOUND)
      .optional(),
  })
  .refine(({ noise, missing }) => noise || missing, "must have noise or missing");

interface Column {
  readonly mean: number;
  readonly deviation: number;
}

/** Lets the model answer the evaluation rows again, disturbed, and compares the labels. */
export async function judgeRobustness(
  predictor: Predictor,
  snapshot: Snapshot,
  evaluation: Evaluation,
  { noise, missing, seed = 42 }: z.infer<typeof robustnessPolicy>,
) {
  const columns = columnStatistics(snapshot);
  const results: CheckResult[] = [];
  const facts: PerturbationFacts[] = [];
  const run = async (kind: PerturbationFacts["kind"], amount: number, terms: z.infer<z.ZodObject<typeof bounds>>) => {
    const told =
      kind === "noise" ? `noise of ${amount} standard deviations` : `${amount * 100} % of cells at their mean`;
    const perturbed = await perturb(predictor, snapshot, columns, cellChange(kind, amount, seededRandom(seed)));
    if (typeof perturbed === "string") {
      const required = [terms.flips, terms.accuracyDrop].some((bound) => bound && isRequired(bound));
      const detail = `with ${told} the model fails: ${perturbed}`;
      results.push({ check: `robustness.${kind}`, group: "robustness", outcome: "fail", required, detail });
      return;
    }
    const found = compareAnswers(evaluation, perturbed);
    facts.push({ kind, amount, ...found });
    const common = {
      group: "robustness",
      relation: "<=",
      why: `${told} on ${evaluation.rows} rows, seed ${seed}`,
    } as const;
    for (const [key, label] of [
      ["flips", `label flips under ${kind}`],
      ["accuracyDrop", `accuracy drop under ${kind}`],
    ] as const) {
      const bound = terms[key];
      if (!bound) continue;
      results.push(
        compare({
          ...common,
          check: `robustness.${kind}.${key}`,
          label,
          value: found[key],
          bound: bound.max,
          level: bound.level,
        }),
      );
    }
  };
  if (noise) await run("noise", noise.deviations, noise);
  if (missing) await run("missing", missing.share, missing);
  return { results, facts: { robustness: facts } };
}

type CellChange = (value: number, column: Column) => number;

function cellChange(kind: PerturbationFacts["kind"], amount: number, random: Random): CellChange {
  if (kind === "noise") return (value, { deviation }) => value + amount * deviation * random.normal();
  return (value, { mean }) => (random.uniform() < amount ? mean : value);
}

/** The labels; a text says how the model failed. */
async function perturb(
  predictor: Predictor,
  snapshot: Snapshot,
  columns: readonly Column[],
  change: CellChange,
): Promise<Int32Array | string> {
  const order = columnOrder(predictor, snapshot);
  const isFloat32 = predictor.signature.inputs.every(({ type }) => type === "float32");
  const used = order.map((column) => columns[column] as Column);
  try {
    const perturbed = (start: number, size: number) => {
      const width = order.length;
      const { features, columns: names } = snapshot;
      const cells = new Float64Array(size * width);
      for (let cell = 0; cell < cells.length; cell++) {
        const [row, place] = [start + Math.floor(cell / width), cell % width];
        const value = features[row * names.length + (order[place] as number)] as number;
        cells[cell] = change(isFloat32 ? Math.fround(value) : value, used[place] as Column);
      }
      return denseTable(predictor.signature.inputs, cells, size);
    };
    return (await answer(predictor, snapshot.rows, perturbed, snapshot.classes)).predicted;
  } catch (error) {
    if (error instanceof PredictorError) return error.message;
    throw error;
  }
}

function compareAnswers({ labels, predicted, rows, metrics }: Evaluation, perturbed: Int32Array) {
  let [flips, right] = [0, 0];
  for (let row = 0; row < rows; row++) {
    if (perturbed[row] !== predicted[row]) flips++;
    if (perturbed[row] === labels[row]) right++;
  }
  return { flips: flips / rows, accuracyDrop: metrics.accuracy - right / rows };
}

function columnStatistics({ features, columns, rows }: Snapshot): Column[] {
  const width = columns.length;
  return columns.map((_, column) => {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += (features[row * width + column] as number) / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += ((features[row * width + column] as number) - mean) ** 2 / rows;
    return { mean, deviation: Math.sqrt(squares) };
  });
}
