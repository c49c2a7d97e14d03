/**
 * The state of each resource's row, shared by all displays.
 * @module
 */
import type { Diagnostic, Observer } from "../deployment/events.ts";
import { isRootStack, nameOf, ROOT_STACK_TYPE, typeOf } from "../resources/urn.ts";
import { type Op, type Step, subjectOf } from "../steps/step.ts";

export interface Row {
  readonly urn: string;
  readonly parent: string;
  readonly type: string;
  readonly name: string;
  op: Op;
  step: Step | undefined;
  phase: "running" | "done" | "failed";
  readonly startedAt: number;
  endedAt: number | undefined;
  /** The last line of progress, such as a command's output. */
  note: string;
  errors: number;
  warnings: number;
}

/** What happened to a row. A problem is an error or a warning, whose text is shown at the end of the run. */
export type Change = "started" | "ended" | "failed" | "note" | "problem";

export interface RunInfo {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
}

export class Rows implements Observer {
  readonly rows = new Map<string, Row>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #rootUrn: string;
  readonly #root: Row;
  readonly #onChange: (row: Row, change: Change) => void;
  readonly #mask: (text: string) => string;

  constructor(info: RunInfo, mask: (text: string) => string, onChange: (row: Row, change: Change) => void) {
    this.#onChange = onChange;
    this.#mask = mask;
    this.#rootUrn = `urn:pulumi:${info.stack}::${info.project}::${ROOT_STACK_TYPE}::${info.project}-${info.stack}`;
    this.#root = this.#row(this.#rootUrn, "same", undefined, "");
    this.rows.set(this.#rootUrn, this.#root);
  }

  get root(): Row {
    return this.#root;
  }

  #row(urn: string, op: Op, step: Step | undefined, parent: string): Row {
    return {
      urn,
      parent,
      type: typeOf(urn),
      name: nameOf(urn),
      op,
      step,
      phase: "running",
      startedAt: Date.now(),
      endedAt: undefined,
      note: "",
      errors: 0,
      warnings: 0,
    };
  }

  stepStarted(step: Step): void {
    if (step.internal) return;
    const known = this.rows.get(step.urn);
    // A replacement is one row for its three steps.
    if (known && known !== this.#root) Object.assign(known, { op: step.op, step, phase: "running" });
    else if (isRootStack(step.urn)) Object.assign(this.#root, { op: step.op, step });
    const row = known ?? this.#row(step.urn, step.op, step, subjectOf(step).parent || this.#rootUrn);
    this.rows.set(step.urn, row);
    this.#onChange(row, "started");
  }

  stepEnded(step: Step, result: Op): void {
    const row = this.rows.get(step.urn);
    if (!row || step.internal) return;
    row.op = result;
    row.step = step;
    row.note = "";
    // A component or the stack ends with the run, or when its outputs are registered.
    if (row === this.#root || (step.op !== "same" && !subjectOf(step).custom && step.new)) return;
    this.#end(row, "done");
  }

  #end(row: Row, phase: "done" | "failed"): void {
    row.phase = phase;
    row.endedAt = Date.now();
    this.#onChange(row, phase === "done" ? "ended" : "failed");
  }

  stepFailed(step: Step): void {
    const row = this.rows.get(step.urn);
    if (row && !step.internal) this.#end(row, "failed");
  }

  outputsRegistered(step: Step): void {
    const row = this.rows.get(step.urn);
    if (row && row !== this.#root && row.phase === "running") this.#end(row, "done");
  }

  diagnostic(diagnostic: Diagnostic): void {
    if (diagnostic.severity === "debug") return;
    const urn = this.rows.has(diagnostic.urn) || diagnostic.urn !== "" ? diagnostic.urn : this.#rootUrn;
    const message = this.#mask(diagnostic.message).trimEnd();
    if (message.trim() === "") return;
    const { severity } = diagnostic;
    if (diagnostic.verdict && this.errored > 0) return;
    if (!diagnostic.ephemeral) this.diagnostics.push({ ...diagnostic, urn, message });
    const row = this.rows.get(urn) ?? (severity === "error" ? this.#add(urn) : undefined);
    if (!row) return;
    if (severity === "error") row.errors++;
    if (severity === "warning") row.warnings++;
    row.note = severity === "info" ? message : `${severity}: ${message}`;
    this.#onChange(row, severity === "info" ? "note" : "problem");
  }

  /** Adds a row for a resource that failed before its first step, for example in its check. */
  #add(urn: string): Row {
    const row = this.#row(urn, "same", undefined, this.#rootUrn);
    this.rows.set(urn, row);
    return row;
  }

  /** Number of failed resources, including the stack if it has errors of its own. */
  get errored(): number {
    return [...this.rows.values()].filter(({ errors }) => errors > 0).length;
  }

  finish(failed: boolean): void {
    for (const row of this.rows.values())
      if (row.phase === "running" && row !== this.#root) this.#end(row, row.step?.new && !failed ? "done" : "failed");
    this.#end(this.#root, failed ? "failed" : "done");
  }
}
