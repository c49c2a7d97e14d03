/**
 * Base of the human-readable displays: a headline, a row per resource, and closing sections.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import type { Op, Step } from "../steps/step.ts";
import type { Display, DisplayOptions, RunResult } from "./display.ts";
import { type Change, type Row, Rows } from "./rows.ts";
import { endSections } from "./sections.ts";

export abstract class RowsDisplay implements Display {
  protected readonly options: DisplayOptions;
  protected readonly rows: Rows;

  constructor(options: DisplayOptions) {
    this.options = options;
    this.rows = new Rows(options, options.mask, (row, change) => this.rowChanged(row, change));
    options.write(`${options.paint(`${options.label} (${options.stack}):`, "headline")}\n`);
  }

  protected abstract rowChanged(row: Row, change: Change): void;

  stepStarted(step: Step): void {
    this.rows.stepStarted(step);
  }
  stepEnded(step: Step, result: Op): void {
    this.rows.stepEnded(step, result);
  }
  stepFailed(step: Step): void {
    this.rows.stepFailed(step);
  }
  outputsRegistered(step: Step): void {
    this.rows.outputsRegistered(step);
  }
  diagnostic(diagnostic: Diagnostic): void {
    this.rows.diagnostic(diagnostic);
  }
  programOutput(line: string, severity: "info" | "error"): void {
    this.rows.diagnostic({ urn: "", severity: "info", message: line, ephemeral: severity === "info" && line === "" });
  }

  end(result: RunResult): void {
    this.rows.finish(result.failed);
    this.writeLines(endSections(this.rows.diagnostics, result, this.rows.errored, this.options));
  }

  protected writeLines(lines: readonly string[]): void {
    this.options.write(lines.map((line) => `${line}\n`).join(""));
  }
}
