/**
 * `--json` of a preview: prints one document at the end.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import type { Op, Step } from "../steps/step.ts";
import { previewDigest } from "./digest.ts";
import type { Display, DisplayOptions, RunResult } from "./display.ts";

const KEYWORDS = new Set(["op", "urn", "type", "severity", "kind", "provider", "parent"]);

export class JsonDisplay implements Display {
  readonly #options: DisplayOptions;
  readonly #config: Readonly<Record<string, string>>;
  readonly #steps: { step: Step; result: Op }[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(options: DisplayOptions, config: Readonly<Record<string, string>>) {
    this.#options = options;
    this.#config = config;
  }

  stepStarted(step: Step): void {
    this.#steps.push({ step, result: step.op });
  }
  stepEnded(step: Step, result: Op): void {
    const entry = this.#steps.findLast((other) => other.step === step);
    if (entry) entry.result = result;
  }
  stepFailed(): void {
    // Reported as a diagnostic.
  }
  outputsRegistered(): void {
    // The document contains the final states.
  }
  diagnostic(diagnostic: Diagnostic): void {
    if (diagnostic.ephemeral || diagnostic.severity === "debug") return;
    this.#diagnostics.push({ ...diagnostic, message: this.#options.mask(diagnostic.message) });
  }
  programOutput(line: string): void {
    this.#diagnostics.push({ urn: "", severity: "info", message: this.#options.mask(line) });
  }

  end(result: RunResult): void {
    const digest = previewDigest({
      config: this.#config,
      steps: this.#steps,
      diagnostics: this.#diagnostics,
      durationMs: result.durationMs,
      changes: result.changes,
      showSames: this.#options.showSames,
    });
    this.#options.write(`${maskJson(digest, this.#options.mask, 4)}\n`);
  }
}

/** Lists of names, not values: entries are not masked, even if one equals a secret. */
const NAMES = new Set(["diffReasons", "replaceReasons", "diffs", "keys", "dependencies", "propertyDependencies"]);
/** Inside these, all keys are user-defined and everything is a value. */
const VALUES = new Set(["inputs", "outputs", "config"]);

/** Masks secrets that occur outside secret properties, which are already redacted. The document's own keywords are not masked. */
export function maskJson(document: object, mask: (text: string) => string, indent?: number): string {
  const kinds = new Map<unknown, "names" | "values">();
  return JSON.stringify(
    document,
    function (this: unknown, key, value: unknown) {
      const inherited = kinds.get(this);
      const kind = inherited ?? (VALUES.has(key) ? "values" : NAMES.has(key) ? "names" : undefined);
      if (kind !== undefined && value !== null && typeof value === "object") kinds.set(value, kind);
      const isKeyword = kind === "names" || (kind === undefined && KEYWORDS.has(key));
      return typeof value === "string" && !isKeyword ? mask(value) : value;
    },
    indent,
  );
}
