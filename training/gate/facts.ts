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
  readonly slices?: readonly SliceFacts[];
  readonly robustness?: readonly PerturbationFacts[];
  readonly latency?: LatencyFacts;
  /** One a feature, in the order of the snapshot. */
  readonly drift?: readonly FeatureDrift[];
  readonly data?: {
    readonly training?: { readonly path: string; readonly md5: string; readonly rows: number };
    readonly reference?: { readonly path: string; readonly md5: string; readonly rows: number };
    /** Evaluation rows whose features are those of a training row. */
    readonly sharedRows?: number;
  };
}

export interface SliceFacts {
  /** Key in the policy. */
  readonly name: string;
  readonly column: string;
  readonly groups: readonly GroupFacts[];
}

/** Rates are 0 to 1; null where a group has no row that the rate is taken of. */
export interface GroupFacts {
  /** Such as `f0 <= 0.5`. */
  readonly name: string;
  readonly rows: number;
  /** Too few rows to be judged. */
  readonly small: boolean;
  readonly accuracy: number | null;
  /** Share of rows that are predicted positive. */
  readonly selectionRate: number | null;
  readonly truePositiveRate: number | null;
  readonly falsePositiveRate: number | null;
  /** Of a regressor, in the unit of its target; the mean over its targets. */
  readonly meanError?: number | null;
  readonly rmse?: number | null;
}

export interface PerturbationFacts {
  readonly kind: "noise" | "missing";
  /** Standard deviations of noise, or share of missing cells. */
  readonly amount: number;
  /** Share of rows whose label changed. */
  readonly flips?: number;
  /** Accuracy without minus accuracy with the perturbation. */
  readonly accuracyDrop?: number;
  /** Of a regressor: root mean squared error with the perturbation, divided by that without it, minus 1. */
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
