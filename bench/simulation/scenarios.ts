import type {
  AnsweredRows,
  BinaryRows,
  MulticlassRows,
  RegressionRows,
} from "../../training/gate/metrics/answered-rows.ts";
import type { Random } from "../../training/gate/statistics/random.ts";

/**
 * Draws rows of a model whose quality is known.
 * @param prevalence of the rare class; for a regressor, the share of rows whose error is five times as large (0.5: none)
 * @param noise added to what the model sees, in standard deviations: more noise makes the model worse. Two models see the same rows.
 */
type Draw<Rows extends AnsweredRows> = (rows: number, prevalence: number, random: Random, noise?: Noise) => Rows[];

/** Noise of each model that predicts the rows. */
type Noise = readonly number[];

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Two normal classes, two deviations apart if one is rare; without noise, probabilities are calibrated. */
const drawBinary: Draw<BinaryRows> = (rows, prevalence, random, noise = [0]) => {
  const distance = prevalence < 0.2 ? 2 : 1.5;
  const prior = Math.log(prevalence / (1 - prevalence));
  const labels = new Int32Array(rows);
  const models = noise.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    const label = random.uniform() < prevalence ? 1 : 0;
    labels[row] = label;
    const seen = random.normal() + distance * label;
    for (const [model, positive] of models.entries()) {
      const own = seen + (noise[model] ? (noise[model] as number) * random.normal() : 0);
      positive[row] = logistic(distance * own - (distance * distance) / 2 + prior);
    }
  }
  return models.map((positive) => ({
    task: "binary",
    rows,
    classes: [0, 1],
    labels,
    positive,
    scores: positive,
    epsilon: 2 ** -52,
    predicted: Int32Array.from(positive, (one) => (one >= 0.5 ? 1 : 0)),
  }));
};

/** Three normal classes in a plane; the third is rare. */
const drawMulticlass: Draw<MulticlassRows> = (rows, prevalence, random, noise = [0]) => {
  const rare = prevalence < 0.2 ? prevalence : 1 / 3;
  const priors = [(1 - rare) / 2, (1 - rare) / 2, rare];
  const centers = [
    [0, 0],
    [2, 0],
    [1, 2],
  ] as const;
  const labels = new Int32Array(rows);
  const models = noise.map(() => ({ probabilities: new Float64Array(rows * 3), predicted: new Int32Array(rows) }));
  for (let row = 0; row < rows; row++) {
    const at = random.uniform();
    const label = at < (priors[0] as number) ? 0 : at < 1 - rare ? 1 : 2;
    labels[row] = label;
    const [x, y] = [centers[label]?.[0] ?? 0, centers[label]?.[1] ?? 0];
    const seen = [random.normal() + x, random.normal() + y] as const;
    for (const [model, { probabilities, predicted }] of models.entries()) {
      const more = noise[model] as number;
      const own = more ? [seen[0] + more * random.normal(), seen[1] + more * random.normal()] : seen;
      const shares = centers.map(
        ([a, b], one) =>
          (priors[one] as number) * Math.exp(-(((own[0] as number) - a) ** 2 + ((own[1] as number) - b) ** 2) / 2),
      );
      const sum = shares.reduce((total, share) => total + share, 0);
      for (let one = 0; one < 3; one++) probabilities[row * 3 + one] = (shares[one] as number) / sum;
      predicted[row] = shares.indexOf(Math.max(...shares));
    }
  }
  return models.map((answers) => ({
    task: "multiclass",
    rows,
    classes: ["a", "b", "c"],
    labels,
    epsilon: 2 ** -52,
    ...answers,
  }));
};

/** A target with a deviation of 2 around 40 and errors of 1; hard rows are hard for every model. */
const drawRegression: Draw<RegressionRows> = (rows, prevalence, random, noise = [0]) => {
  const truth = new Float64Array(rows);
  const models = noise.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    const answer = 40 + 2 * random.normal();
    const error = random.normal() * (prevalence < 0.2 && random.uniform() < prevalence ? 5 : 1);
    truth[row] = answer + error;
    for (const [model, predicted] of models.entries())
      predicted[row] = answer + (noise[model] ? (noise[model] as number) * random.normal() : 0);
  }
  return models.map((predicted) => ({ task: "regression", rows, targets: ["y"], truth, predicted }));
};

export const DRAWS = { binary: drawBinary, multiclass: drawMulticlass, regression: drawRegression } as const;
