import type { AnsweredRows, BinaryRows, MulticlassRows } from "./answered-rows.ts";
import { defineMetric, type MetricFamily, type RowLosses, wholeFromOne } from "./metric.ts";
import { rowMean, rowValues } from "./row-mean.ts";

const clip = (probability: number, epsilon: number): number => Math.min(1 - epsilon, Math.max(epsilon, probability));

interface Losses {
  readonly binary?: (rows: BinaryRows) => (row: number) => number;
  readonly multiclass?: (rows: MulticlassRows) => (row: number) => number;
}

/** Defines a metric as the mean of a loss per row. */
function meanOf({ binary, multiclass }: Losses, kind: RowLosses["kind"] = "mean") {
  const lossOf = (rows: AnsweredRows) => {
    if (rows.task === "regression") return undefined;
    return rows.task === "binary" ? binary?.(rows) : multiclass?.(rows);
  };
  const prepare = (rows: BinaryRows | MulticlassRows) => {
    const mean = rowMean(rows.rows, lossOf(rows) as (row: number) => number);
    return (view: { readonly weights: ArrayLike<number> | undefined }) => mean(view.weights);
  };
  return {
    ...(binary && { binary: prepare }),
    ...(multiclass && { multiclass: prepare }),
    losses: (rows: AnsweredRows): readonly RowLosses[] | undefined => {
      const loss = lossOf(rows);
      return loss && [{ kind, losses: rowValues(rows.rows, loss) }];
    },
  };
}

/** Metrics of each row's probabilities. */
export const probabilities = {
  /**
   * Mean negative log-likelihood in nats. Probabilities are clipped to [epsilon, 1 - epsilon] of the model's type, as in scikit-learn, so
   * that the loss of a confident error is finite: 15.9 for float32, 36.0 for float64.
   */
  logLoss: defineMetric({
    label: "log loss",
    metric: "log_loss",
    loss: true,
    range: [0, Number.POSITIVE_INFINITY],
    needs: "probabilities",
    ...meanOf({
      binary: ({ labels, positive = none, epsilon }) => {
        return (row) => {
          const probability = clip(positive[row] as number, epsilon);
          return labels[row] === 1 ? -Math.log(probability) : -Math.log1p(-probability);
        };
      },
      multiclass: ({ classes, labels, probabilities = none, epsilon }) => {
        return (row) =>
          -Math.log(clip(probabilities[row * classes.length + (labels[row] as number)] as number, epsilon));
      },
    }),
  }),
  /** Mean squared difference between probability and truth; with more than two classes, the sum over the classes, up to 2. */
  brier: defineMetric({
    label: "Brier score",
    metric: "brier",
    loss: true,
    range: [0, 2],
    taskRange: { binary: [0, 1] },
    needs: "probabilities",
    ...meanOf({
      binary: ({ labels, positive = none }) => {
        return (row) => ((positive[row] as number) - (labels[row] as number)) ** 2;
      },
      multiclass: ({ classes, labels, probabilities = none }) => {
        const width = classes.length;
        // For two classes, scikit-learn halves the sum, which gives the binary score.
        const scale = width < 3 ? 0.5 : 1;
        return (row) => {
          let sum = 0;
          for (let index = 0; index < width; index++)
            sum += ((probabilities[row * width + index] as number) - (labels[row] === index ? 1 : 0)) ** 2;
          return sum * scale;
        };
      },
    }),
  }),
};

/**
 * Share of rows whose class is among the k most probable ones. Of tied classes, the later one ranks first, as in scikit-learn. Not defined if k
 * is the number of classes or more, because any model would score 1.
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
      undefinedFor: { reason: `${k} classes or fewer` },
      needs: "probabilities",
      ...meanOf(
        {
          multiclass: ({ classes, labels, probabilities = none }) => {
            const width = classes.length;
            if (k >= width) return () => Number.NaN;
            return (row) => {
              const label = labels[row] as number;
              const own = probabilities[row * width + label] as number;
              let before = 0;
              for (let index = 0; index < width; index++) {
                const other = probabilities[row * width + index] as number;
                if (other > own || (other === own && index > label)) before++;
              }
              return before < k ? 1 : 0;
            };
          },
        },
        "hit",
      ),
    });
  },
};

/** Never read: rows without probabilities are excluded earlier. */
const none = new Float64Array();
