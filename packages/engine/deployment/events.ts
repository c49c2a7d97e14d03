/**
 * Events of a running deployment.
 * @module
 */
import type { Op, Step } from "../steps/step.ts";

export type Severity = "debug" | "info" | "warning" | "error";
export interface Diagnostic {
  /** Empty: about the whole run. */
  readonly urn: string;
  readonly severity: Severity;
  readonly message: string;
  /** A line of progress, not worth keeping. */
  readonly ephemeral?: boolean;
  /** Only says that the run has failed: worth showing where nothing else says why. */
  readonly verdict?: boolean;
}

export interface Observer {
  stepStarted(step: Step): void;
  /** `result` is what it came to: a refresh may turn out to be a delete. */
  stepEnded(step: Step, result: Op): void;
  stepFailed(step: Step): void;
  /** The outputs of a component or of the stack. */
  outputsRegistered(step: Step): void;
  diagnostic(diagnostic: Diagnostic): void;
}

/** An error already reported as a diagnostic; it only stops the run. */
export class Bail extends Error {
  override readonly name = "Bail";
}
