/**
 * Events of a running deployment.
 * @module
 */
import type { Op, Step } from "../steps/step.ts";

export type Severity = "debug" | "info" | "warning" | "error";
export interface Diagnostic {
  /** Empty if it concerns the whole run. */
  readonly urn: string;
  readonly severity: Severity;
  readonly message: string;
  /** A line of progress that is not kept. */
  readonly ephemeral?: boolean;
  /** Reports only that the run has failed; shown only if no other error is. */
  readonly verdict?: boolean;
}

export interface Observer {
  stepStarted(step: Step): void;
  /** @param result the actual operation: a refresh may turn out to be a delete */
  stepEnded(step: Step, result: Op): void;
  stepFailed(step: Step): void;
  /** The outputs of a component or of the stack. */
  outputsRegistered(step: Step): void;
  diagnostic(diagnostic: Diagnostic): void;
}

/** Stops the run after its error has been reported as a diagnostic. */
export class Bail extends Error {
  override readonly name = "Bail";
}
