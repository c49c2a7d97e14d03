/**
 * The interface of all displays.
 * @module
 */
import type { Observer } from "../deployment/events.ts";
import type { PropertyMap } from "../properties/value.ts";
import type { Op } from "../steps/step.ts";
import type { Paint } from "./colors.ts";

export interface RunResult {
  readonly failed: boolean;
  readonly changes: Partial<Record<Op, number>>;
  readonly durationMs: number;
  /** The outputs of the stack before and after. */
  readonly oldOutputs: PropertyMap;
  readonly outputs: PropertyMap | undefined;
}

export interface Display extends Observer {
  /** A line that the program printed. */
  programOutput(line: string, severity: "info" | "error"): void;
  end(result: RunResult): void;
}

export interface DisplayOptions {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  /** `Updating`, `Previewing update`, … */
  readonly label: string;
  readonly paint: Paint;
  readonly mask: (text: string) => string;
  readonly write: (text: string) => void;
  /** Columns of the terminal. */
  readonly width: number;
  readonly suppressOutputs: boolean;
  readonly showSames: boolean;
  readonly showSecrets: boolean;
}
