import type { SnapshotFindings } from "./checks/contract.ts";
import type { LabelLeakage } from "./label-leakage.ts";
import type { Familywise } from "./multiplicity.ts";

/** Details of the checks for the report's page. Each part is present if its check ran. */
export interface CheckDetails {
  /** Joint certainty of the required bounds with confidence; absent without any. */
  readonly familywise?: Familywise;
  /** Version in production with which the candidate was compared. */
  readonly champion?: {
    readonly version: string;
    readonly sha256: string;
    readonly metrics: Readonly<Record<string, number>>;
    /** Its results for the groups of the policy's slices. */
    readonly slices?: readonly SliceDetails[];
  };
  /**
   * Metrics of a baseline that knows only the distribution of these rows' truth, by name: a classifier predicts the most frequent class, with the class
   * frequencies as probabilities; a regressor predicts the mean, or the median for metrics of absolute errors. Includes the metrics that the model has.
   */
  readonly baseline?: Readonly<Record<string, number>>;
  /** The model predicts the same for every row, scores included. */
  readonly constant?: true;
  readonly slices?: readonly SliceDetails[];
  readonly robustness?: readonly PerturbationDetails[];
  readonly latency?: LatencyDetails;
  /** One per feature, in the snapshot's order. */
  readonly drift?: readonly FeatureDrift[];
  /** How well a classifier distinguishes the evaluation from the reference. */
  readonly driftClassifier?: {
    /** Area under its ROC curve on held-out rows. */
    readonly auc: number;
    readonly interval: readonly [number, number];
    /** Number of rows used. */
    readonly rows: { readonly reference: number; readonly evaluation: number };
    /** The most informative columns, at most five, with the standard deviation of their contribution to the model's score. */
    readonly columns: readonly { readonly column: string; readonly weight: number }[];
  };
  /** Violations of the data contract by snapshot, the evaluation first; absent without a contract. */
  readonly contract?: readonly SnapshotFindings[];
  readonly data?: {
    readonly training?: { readonly path: string; readonly md5: string; readonly rows: number };
    readonly reference?: { readonly path: string; readonly md5: string; readonly rows: number };
    /** Evaluation rows whose features equal those of a training row. */
    readonly sharedRows?: number;
    /** Evaluation rows that nearly equal a training row, exact copies included. */
    readonly nearDuplicates?: number;
    /** How well single columns predict the truth, the ten best in descending order: see ScoreKind. */
    readonly labelLeakage?: LabelLeakage;
  };
}

export interface SliceDetails {
  /** Key in the policy. */
  readonly name: string;
  /** For several crossed columns: their names, joined by "and". */
  readonly column: string;
  readonly groups: readonly GroupDetails[];
  /** Groups that a check of the slice omitted, each with the reason: too few rows, or none here but some in the reference. Absent in earlier reports. */
  readonly dropped?: readonly { readonly group: string; readonly why: string }[];
}

/** Rates are 0 to 1; null if a group has no row in the rate's denominator. */
export interface GroupDetails {
  /** Such as `f0 <= 0.5`. */
  readonly name: string;
  readonly rows: number;
  /** Too few rows for any rate. */
  readonly small: boolean;
  readonly accuracy: number | null;
  /** Share of rows predicted positive. */
  readonly selectionRate: number | null;
  readonly truePositiveRate: number | null;
  readonly falsePositiveRate: number | null;
  /** For a regressor, in the target's unit; the mean over its targets. */
  readonly meanError?: number | null;
  readonly rmse?: number | null;
  /**
   * All rates of the group by name, those of a class as `classes.<class>.<rate>`, those of a target as `targets.<target>.<rate>`.
   * Absent in earlier reports.
   */
  readonly rates?: Readonly<Record<string, RateDetails>>;
}

export interface RateDetails {
  /** Null if the denominator has no rows. */
  readonly value: number | null;
  /** Weighted rows in the denominator. */
  readonly rows: number;
  /** For means and accuracies of weighted rows: the equivalent number of rows with equal weights (Kish 1965). */
  readonly effectiveRows?: number;
}

export interface PerturbationDetails {
  /** `missing`: cells replaced by their column's mean; `unseen`: texts that no row has; `swapped`: swapped categories; `nulls`: missing cells. */
  readonly kind: "noise" | "missing" | "unseen" | "swapped" | "nulls";
  /** Standard deviations of noise, or share of cells. */
  readonly amount: number;
  /** Share of rows, by weight, whose label changed. */
  readonly flips?: number;
  /** Drop in accuracy caused by the perturbation. */
  readonly accuracyDrop?: number;
  /** For a regressor: relative increase of the root mean squared error (the mean over the targets) caused by the perturbation. */
  readonly rmseRise?: number;
}

/** Milliseconds. */
export interface LatencyDetails {
  readonly single: LatencyQuantiles;
  /** Calls of 64 rows. */
  readonly batch: LatencyQuantiles;
  /** Rows per second in calls of 64 rows. */
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
  /** Population stability index; 0 means no drift. */
  readonly psi: number;
  /** Kolmogorov-Smirnov statistic, 0 to 1; absent for columns of texts and booleans. */
  readonly ks?: number | undefined;
  readonly pValue?: number | undefined;
  /** pValue adjusted for the number of features (Benjamini-Hochberg). */
  readonly adjusted?: number | undefined;
  /** Inner edges of the bins of numbers (quantiles of the reference). There is one bin more than edges, plus one for missing values if there are some. */
  readonly edges: readonly number[];
  /** Names of the bins, if they are categories. */
  readonly labels?: readonly string[] | undefined;
  /** Share of the rows in each bin. */
  readonly reference: readonly number[];
  readonly evaluation: readonly number[];
}
