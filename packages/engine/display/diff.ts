/**
 * `--diff`: lists resources, each with its property diff.
 * @module
 */
import type { Op, Step } from "../steps/step.ts";
import { diffView } from "./diff-view.ts";
import { RowsDisplay } from "./rows-display.ts";
import { isStackStep, isVisible } from "./words.ts";

export class DiffDisplay extends RowsDisplay {
  readonly #depths = new Map<string, number>();

  /** Rows are not shown: each step is shown when it starts, and messages at the end. */
  protected override rowChanged(): void {}

  override stepStarted(step: Step): void {
    super.stepStarted(step);
    // The result of a refresh is known only when it has ended.
    if (step.op !== "refresh") this.#show(step);
  }

  #show(step: Step): void {
    if (!isVisible(step, this.options.showSames) && !isStackStep(step)) return;
    const parent = (step.new ?? step.old)?.parent ?? "";
    const depth = isStackStep(step) ? 0 : (this.#depths.get(parent) ?? 0) + 1;
    this.#depths.set(step.urn, depth);
    this.writeLines(diffView(step, depth, this.options));
  }

  override stepEnded(step: Step, result: Op): void {
    super.stepEnded(step, result);
    if (step.op === "refresh" && result !== "same") this.#show(result === "delete" ? { ...step, op: "delete" } : step);
  }
}
