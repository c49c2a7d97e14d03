/**
 * Line by line, for logs and pipes: each event is a line, and no line is ever changed.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import type { Op, Step } from "../steps/step.ts";
import type { Display, DisplayOptions, RunResult } from "./display.ts";
import { diffNote, opCell, statusOf } from "./line.ts";
import { type Change, type Row, Rows } from "./rows.ts";
import { endSections } from "./sections.ts";

export class PlainDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #rows: Rows;
  #failed = 0;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#rows = new Rows(options, options.mask, (row, change) => this.#line(row, change));
    options.write(`${options.paint(`${options.label} (${options.stack}):`, "headline")}\n`);
  }

  #line(row: Row, change: Change): void {
    const { preview, paint, showSames, write } = this.#options;
    const quiet = row.op === "same" && row.phase !== "failed" && change !== "note" && !showSames;
    // A preview says everything at the start; an update says when it is done as well.
    if (quiet || (preview && change === "ended")) return;
    if (change === "failed") this.#failed++;
    const [first = "", ...more] = row.note.split("\n");
    const note = first === "" ? "" : more.length > 0 ? `${first} …` : first;
    const cells = [statusOf(row, preview, paint), change === "ended" ? "" : diffNote(row.step), note];
    const text = cells.filter((cell) => cell !== "").join(" ");
    write(` ${opCell(row, paint)} ${row.type} ${row.name}${text === "" ? "" : ` ${text}`}\n`);
  }

  stepStarted(step: Step): void {
    this.#rows.stepStarted(step);
  }
  stepEnded(step: Step, result: Op): void {
    this.#rows.stepEnded(step, result);
  }
  stepFailed(step: Step): void {
    this.#rows.stepFailed(step);
  }
  outputsRegistered(step: Step): void {
    this.#rows.outputsRegistered(step);
  }
  diagnostic(diagnostic: Diagnostic): void {
    this.#rows.diagnostic(diagnostic);
  }
  programOutput(line: string, severity: "info" | "error"): void {
    this.#rows.diagnostic({ urn: "", severity: "info", message: line, ephemeral: severity === "info" && line === "" });
  }

  end(result: RunResult): void {
    this.#rows.finish(result.failed);
    const lines = endSections(this.#rows.diagnostics, result, this.#failed, this.#options);
    this.#options.write(lines.map((line) => `${line}\n`).join(""));
  }
}
