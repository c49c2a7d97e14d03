import { seededRandom } from "../../../../training/gate/statistics/random.ts";
import { ownPredictions } from "../../../../training/own-predictions.ts";
import type { NumberRows } from "../../../helpers/number-rows.ts";
import { type Scene, storedOf, type Weights } from "./scene.ts";
import type { Mutant as SceneMutant } from "./suite.ts";

export type Mutant = SceneMutant<Scene>;

export const weights = (
  { coefficients, intercept }: Weights,
  change: (weight: number, column: number) => number,
): Weights => ({
  coefficients: coefficients.map((weight, column) => change(weight, column)),
  intercept,
});
export const scaled = (model: Weights, factor: number): Weights => ({
  ...weights(model, (weight) => weight * factor),
  intercept: model.intercept * factor,
});
/** Without the two most informative features. */
export const blind = (model: Weights): Weights => weights(model, (weight, i) => (i === 4 || i === 5 ? 0 : weight));
export const shifted = (model: Weights, by: number): Weights => ({ ...model, intercept: model.intercept + by });
/** A model that is served as trained, so parity does not apply. */
export const use = (scene: Scene, model: Weights) => {
  scene.model = model;
  scene.stored = storedOf(model, scene.evaluation);
};
export const column = (snapshot: NumberRows, name: string, row: number) =>
  snapshot.features[row * snapshot.columns.length + snapshot.columns.indexOf(name)] as number;
export const relabel = (snapshot: NumberRows, label: (label: number, row: number) => number): NumberRows => ({
  ...snapshot,
  labels: snapshot.labels.map((was, row) => label(was, row)),
});
/** Replaces the first evaluation rows with the first training rows. */
export const leaked = (scene: Scene, rows: number): NumberRows => {
  const features = scene.evaluation.features.slice();
  features.set(scene.training.features.subarray(0, rows * scene.training.columns.length));
  return { ...scene.evaluation, features };
};

/** Adds random noise to the weights until the accuracy is one standard error below the scene's. */
export function oneErrorWorse({ model, evaluation }: Scene): Weights {
  const random = seededRandom(3);
  const right = (candidate: Weights) =>
    ownPredictions(candidate, evaluation).labels.reduce(
      (sum, label, row) => sum + Number(label === evaluation.labels[row]),
      0,
    );
  const best = right(model);
  const error = Math.round(Math.sqrt((best * (evaluation.rows - best)) / evaluation.rows));
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const candidate = weights(model, (weight) => weight + 0.25 * random.normal());
    if (best - right(candidate) === error) return candidate;
  }
  throw new Error("no such model was found");
}
