/**
 * `--diff`: resources one after the other, each with its property diff.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import type { Op, Step } from "../steps/step.ts";
import { diffView } from "./diff-view.ts";
import type { Display, DisplayOptions, RunResult } from "./display.ts";
import { Rows } from "./rows.ts";
import { endSections } from "./sections.ts";
import { isShown, isStackStep } from "./shown.ts";

export class DiffDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #rows: Rows;
  readonly #depths = new Map<string, number>();
  #failed = 0;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#rows = new Rows(options, options.mask, () => undefined);
    options.write(`${options.paint(`${options.label} (${options.stack}):`, "headline")}\n`);
  }

  stepStarted(step: Step): void {
    this.#rows.stepStarted(step);
    // What a refresh finds is known when it has ended.
    if (step.op !== "refresh") this.#show(step);
  }

  #show(step: Step): void {
    if (!isShown(step, this.#options.showSames) && !isStackStep(step)) return;
    const parent = (step.new ?? step.old)?.parent ?? "";
    const depth = isStackStep(step) ? 0 : (this.#depths.get(parent) ?? 0) + 1;
    this.#depths.set(step.urn, depth);
    this.#options.write(
      diffView(step, depth, this.#options)
        .map((line) => `${line}\n`)
        .join(""),
    );
  }

  stepEnded(step: Step, result: Op): void {
    this.#rows.stepEnded(step, result);
    if (step.op === "refresh" && result !== "same") this.#show(result === "delete" ? { ...step, op: "delete" } : step);
  }
  stepFailed(step: Step): void {
    this.#failed++;
    this.#rows.stepFailed(step);
  }
  outputsRegistered(step: Step): void {
    this.#rows.outputsRegistered(step);
  }
  diagnostic(diagnostic: Diagnostic): void {
    this.#rows.diagnostic(diagnostic);
  }
  programOutput(line: string): void {
    this.#rows.diagnostic({ urn: "", severity: "info", message: line });
  }

  end(result: RunResult): void {
    const lines = endSections(this.#rows.diagnostics, result, this.#failed, this.#options);
    this.#options.write(lines.map((line) => `${line}\n`).join(""));
  }
}
