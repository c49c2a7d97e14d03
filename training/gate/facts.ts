import type { SnapshotFindings } from "./checks/contract.ts";
import type { LabelLeakage } from "./label-leakage.ts";
import type { Familywise } from "./multiplicity.ts";

/** What checks found beside their results: drawn by the report's page. Each part is there when its check ran. */
export interface Facts {
  /** How sure the required bounds with confidence are together; absent where there are none. */
  readonly familywise?: Familywise;
  /** The version in production that the candidate was compared with. */
  readonly champion?: {
    readonly version: string;
    readonly sha256: string;
    readonly metrics: Readonly<Record<string, number>>;
    /** What it did on the groups of the policy's slices. */
    readonly slices?: readonly SliceFacts[];
  };
  /**
   * What a model scores that learned nothing but how the truth of these rows is distributed, by the metrics' names: of the most frequent class, with the
   * shares of the classes as probabilities; of a regressor the mean, or the median for metrics of absolute errors. Of the metrics that the model has.
   */
  readonly baseline?: Readonly<Record<string, number>>;
  /** The model answers the same for every row, its scores included. */
  readonly constant?: true;
  readonly slices?: readonly SliceFacts[];
  readonly robustness?: readonly PerturbationFacts[];
  readonly latency?: LatencyFacts;
  /** One a feature, in the order of the snapshot. */
  readonly drift?: readonly FeatureDrift[];
  /** How well one model tells the evaluation from the reference. */
  readonly driftClassifier?: {
    /** Area under its ROC curve on rows that it was not fitted to. */
    readonly auc: number;
    readonly interval: readonly [number, number];
    /** Rows that were looked at. */
    readonly rows: { readonly reference: number; readonly evaluation: number };
    /** The columns that tell most, at most five, with the standard deviation of their part of the model's score. */
    readonly columns: readonly { readonly column: string; readonly weight: number }[];
  };
  /** What each snapshot breaks of the data contract, the evaluation first; absent without a contract. */
  readonly contract?: readonly SnapshotFindings[];
  readonly data?: {
    readonly training?: { readonly path: string; readonly md5: string; readonly rows: number };
    readonly reference?: { readonly path: string; readonly md5: string; readonly rows: number };
    /** Evaluation rows whose features are those of a training row. */
    readonly sharedRows?: number;
    /** Evaluation rows that nearly are a training row, the equal ones among them. */
    readonly nearDuplicates?: number;
    /** How well single columns predict the truth, the best ten from the highest score down: see ScoreKind. */
    readonly labelLeakage?: LabelLeakage;
  };
}

export interface SliceFacts {
  /** Key in the policy. */
  readonly name: string;
  /** Of several crossed columns: their names, joined by "and". */
  readonly column: string;
  readonly groups: readonly GroupFacts[];
  /** Groups that a check of the slice left out, each with why: too few rows, or none here where the reference has some. Absent in earlier reports. */
  readonly dropped?: readonly { readonly group: string; readonly why: string }[];
}

/** Rates are 0 to 1; null where a group has no row that the rate is taken of. */
export interface GroupFacts {
  /** Such as `f0 <= 0.5`. */
  readonly name: string;
  readonly rows: number;
  /** Too few rows to be judged by any rate. */
  readonly small: boolean;
  readonly accuracy: number | null;
  /** Share of rows that are predicted positive. */
  readonly selectionRate: number | null;
  readonly truePositiveRate: number | null;
  readonly falsePositiveRate: number | null;
  /** Of a regressor, in the unit of its target; the mean over its targets. */
  readonly meanError?: number | null;
  readonly rmse?: number | null;
  /**
   * All rates of the group by their names, those of a class as `classes.<class>.<rate>`, those of a target as `targets.<target>.<rate>`.
   * Absent in earlier reports.
   */
  readonly rates?: Readonly<Record<string, RateFacts>>;
}

export interface RateFacts {
  /** Null without a row that it is taken of. */
  readonly value: number | null;
  /** Rows with a weight that it is taken of: its denominator. */
  readonly rows: number;
  /** Of means and accuracies, where rows have weights: rows of equal weight that would tell as much (Kish 1965). */
  readonly effectiveRows?: number;
}

export interface PerturbationFacts {
  /** `missing`: cells at their column's mean; `unseen`: texts that no row has; `swapped`: categories that changed places; `nulls`: missing cells. */
  readonly kind: "noise" | "missing" | "unseen" | "swapped" | "nulls";
  /** Standard deviations of noise, or share of the cells. */
  readonly amount: number;
  /** Share of rows, by weight, whose label changed. */
  readonly flips?: number;
  /** Accuracy without minus accuracy with the perturbation. */
  readonly accuracyDrop?: number;
  /** Of a regressor: root mean squared error (the mean over the targets) with the perturbation, divided by that without it, minus 1. */
  readonly rmseRise?: number;
}

/** Milliseconds. */
export interface LatencyFacts {
  readonly single: LatencyQuantiles;
  /** Calls of 64 rows. */
  readonly batch: LatencyQuantiles;
  /** Rows a second in calls of 64 rows. */
  readonly throughput: number;
}

export interface LatencyQuantiles {
  readonly rows: number;
  readonly calls: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface FeatureDrift {
  readonly feature: string;
  /** Population stability index; 0 is no drift. */
  readonly psi: number;
  /** Kolmogorov-Smirnov statistic, 0 to 1; absent for columns of texts and booleans. */
  readonly ks?: number | undefined;
  readonly pValue?: number | undefined;
  /** pValue adjusted for the number of features (Benjamini-Hochberg). */
  readonly adjusted?: number | undefined;
  /** Inner edges of the bins of numbers (quantiles of the reference); one bin more than edges, and one for missing values where there are some. */
  readonly edges: readonly number[];
  /** What each bin is called, where they are categories. */
  readonly labels?: readonly string[] | undefined;
  /** Share of the rows in each bin. */
  readonly reference: readonly number[];
  readonly evaluation: readonly number[];
}
