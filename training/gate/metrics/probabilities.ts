import { defineMetric, type MetricFamily } from "./metric.ts";
import { wholeFromOne } from "./parameters.ts";
import { rowMean } from "./row-mean.ts";

const clip = (probability: number, epsilon: number): number => Math.min(1 - epsilon, Math.max(epsilon, probability));

/** Metrics of each row's probabilities. */
export const probabilities = {
  /**
   * Mean negative log-likelihood in nats. Probabilities are clipped to [epsilon, 1 - epsilon] of the model's own type, as scikit-learn does, so
   * that a sure and wrong answer costs much but not infinitely much: 15.9 for float32, 36.0 for float64.
   */
  logLoss: defineMetric({
    label: "log loss",
    metric: "log_loss",
    loss: true,
    range: [0, Number.POSITIVE_INFINITY],
    needs: "probabilities",
    binary: ({ rows, labels, positive = none, epsilon }) => {
      const mean = rowMean(rows, (row) => {
        const probability = clip(positive[row] as number, epsilon);
        return labels[row] === 1 ? -Math.log(probability) : -Math.log1p(-probability);
      });
      return (view) => mean(view.weights);
    },
    multiclass: ({ rows, classes, labels, probabilities = none, epsilon }) => {
      const mean = rowMean(
        rows,
        (row) => -Math.log(clip(probabilities[row * classes.length + (labels[row] as number)] as number, epsilon)),
      );
      return (view) => mean(view.weights);
    },
  }),
  /** Mean squared difference of probability and truth; for more than two classes the sum over the classes, up to 2. */
  brier: defineMetric({
    label: "Brier score",
    metric: "brier",
    loss: true,
    range: [0, 2],
    taskRange: { binary: [0, 1] },
    needs: "probabilities",
    binary: ({ rows, labels, positive = none }) => {
      const mean = rowMean(rows, (row) => ((positive[row] as number) - (labels[row] as number)) ** 2);
      return (view) => mean(view.weights);
    },
    multiclass: ({ rows, classes, labels, probabilities = none }) => {
      const width = classes.length;
      // scikit-learn halves the sum for two classes, which makes it the binary score.
      const scale = width < 3 ? 0.5 : 1;
      const mean = rowMean(rows, (row) => {
        let sum = 0;
        for (let index = 0; index < width; index++)
          sum += ((probabilities[row * width + index] as number) - (labels[row] === index ? 1 : 0)) ** 2;
        return sum * scale;
      });
      return (view) => mean(view.weights);
    },
  }),
};

/**
 * Share of rows whose class is among the k most probable ones. Of tied classes the later one goes first, as in scikit-learn. Not defined for k
 * of all classes or more: it would be 1 for any model.
 */
export const topK: MetricFamily<{ readonly k: number }> = {
  label: "top-k accuracy",
  tasks: ["multiclass"],
  needs: "probabilities",
  with: ({ k }) => {
    wholeFromOne("topK.k", k);
    return defineMetric({
      label: `top-${k} accuracy`,
      metric: `top_${k}_accuracy`,
      range: [0, 1],
      needs: "probabilities",
      multiclass: ({ rows, classes, labels, probabilities = none }) => {
        const width = classes.length;
        const mean = rowMean(rows, (row) => {
          const label = labels[row] as number;
          const own = probabilities[row * width + label] as number;
          let before = 0;
          for (let index = 0; index < width; index++) {
            const other = probabilities[row * width + index] as number;
            if (other > own || (other === own && index > label)) before++;
          }
          return before < k ? 1 : 0;
        });
        return (view) => (k < width ? mean(view.weights) : Number.NaN);
      },
    });
  },
};

/** Never read: a metric that needs probabilities is not prepared for rows without them. */
const none = new Float64Array();
