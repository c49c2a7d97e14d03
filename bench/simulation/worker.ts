import { parentPort } from "node:worker_threads";
import type { Cell, CellResult } from "./cells.ts";
import { measureChampion } from "./champion-cells.ts";
import { measureCategories, measureDrift } from "./drift-cells.ts";
import { measureMetric } from "./metric-cells.ts";

export interface Task {
  readonly cell: Cell;
  readonly simulations: number;
}

function measure({ cell, simulations }: Task): CellResult {
  if (cell.kind === "metric") return measureMetric(cell, simulations);
  if (cell.kind === "categories") return measureCategories(cell, simulations);
  return cell.kind === "champion" ? measureChampion(cell, simulations) : measureDrift(cell, simulations);
}

parentPort?.on("message", (task: Task) => parentPort?.postMessage(measure(task)));
