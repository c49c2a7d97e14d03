/**
 * `--json` of a preview: nothing until the end, then one document.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import type { Op, Step } from "../steps/step.ts";
import { previewDigest } from "./digest.ts";
import type { Display, DisplayOptions, RunResult } from "./display.ts";

const WORDS = new Set(["op", "urn", "type", "severity", "kind", "provider", "parent"]);

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
    // The document holds the states as they are at the end.
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

/** Names, not values: entries of these lists are not secret, even if one is spelled like a secret. */
const NAMES = new Set(["diffReasons", "replaceReasons", "diffs", "keys", "dependencies", "propertyDependencies"]);
/** Inside of these any key is the user's own, and everything is a value. */
const VALUES = new Set(["inputs", "outputs", "config"]);

/** Secrets are blinded already; what is masked here came in by another way. Words of the document stay what they are. */
export function maskJson(document: object, mask: (text: string) => string, indent?: number): string {
  const kinds = new Map<unknown, "names" | "values">();
  return JSON.stringify(
    document,
    function (this: unknown, key, value: unknown) {
      const inherited = kinds.get(this);
      const kind = inherited ?? (VALUES.has(key) ? "values" : NAMES.has(key) ? "names" : undefined);
      if (kind !== undefined && value !== null && typeof value === "object") kinds.set(value, kind);
      const isWord = kind === "names" || (kind === undefined && WORDS.has(key));
      return typeof value === "string" && !isWord ? mask(value) : value;
    },
    indent,
  );
}
