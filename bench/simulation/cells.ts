import { sha256 } from "../../registry/artifact-digest.ts";
import type { RowsTask } from "../../training/gate/metrics/metric.ts";
import type { WeightsName } from "./weights.ts";

export interface MetricCell {
  readonly kind: "metric";
  readonly task: RowsTask;
  readonly metric: string;
  readonly rows: number;
  readonly prevalence: number;
  /** Undefined for rows without weights. */
  readonly weights?: WeightsName | undefined;
}

export interface ChampionCell extends Omit<MetricCell, "kind"> {
  readonly kind: "champion";
}

export interface DriftCell {
  readonly kind: "drift";
  readonly columns: "normal" | "mixed";
  readonly rows: number;
  readonly reference: number;
}

/** One text column, to which the permutation test of its PSI is applied. */
export interface CategoryCell {
  readonly kind: "categories";
  readonly law: "uniform" | "zipf";
  readonly categories: number;
  readonly rows: number;
  readonly reference: number;
}

export type Cell = MetricCell | ChampionCell | DriftCell | CategoryCell;

export type CellResult =
  | {
      readonly kind: "metric";
      readonly cell: MetricCell;
      readonly simulations: number;
      /** Simulations with an interval. */
      readonly conclusive: number;
      /** Intervals whose lower end lies above the truth. */
      readonly low: number;
      /** Intervals whose upper end lies below the truth. */
      readonly high: number;
    }
  | {
      readonly kind: "champion";
      readonly cell: ChampionCell;
      readonly simulations: number;
      readonly inconclusive: number;
      /** Results of a candidate that is worse by twice the margin. */
      readonly passed: number;
    }
  | {
      readonly kind: "drift";
      readonly cell: DriftCell;
      readonly simulations: number;
      /** Snapshots without drift that fail. */
      readonly psi: number;
      readonly ks: number;
      /** Only in the first `classified` simulations, because each fits a model. */
      readonly classifier: number;
      readonly classified: number;
    }
  | {
      readonly kind: "categories";
      readonly cell: CategoryCell;
      readonly simulations: number;
      /** Snapshots without drift whose index is significant. */
      readonly psi: number;
    };

/** Returns the seed of a cell's random numbers, which is the same in every process. */
export const seedOf = (cell: Cell): number => Number.parseInt(sha256(JSON.stringify(cell)).slice(0, 8), 16);
