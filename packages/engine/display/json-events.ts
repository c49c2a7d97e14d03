/**
 * `--json` of an update: one event per line, in the CLI's format.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import { type SecretWriter, storeMap } from "../properties/stored.ts";
import { type PropertyMap, Secret, SIGNATURE_KEY, SIGNATURES, type Value } from "../properties/value.ts";
import { rewriteMap } from "../properties/walk.ts";
import type { ResourceState } from "../resources/state.ts";
import { isLogical, type Op, type Step } from "../steps/step.ts";
import type { Display, DisplayOptions, RunResult } from "./display.ts";
import { maskJson } from "./json.ts";

/** The CLI's format for a hidden secret. */
const REDACTED: PropertyMap = { [SIGNATURE_KEY]: SIGNATURES.secret, ciphertext: "[secret]" };
const never: SecretWriter = () => ({});
const redact = (map: PropertyMap) =>
  storeMap(
    rewriteMap(map, (value: Value) => (value instanceof Secret ? REDACTED : value)),
    never,
  );

const stateOf = (state: ResourceState | undefined) =>
  state
    ? {
        type: state.type,
        urn: state.urn,
        custom: state.custom || undefined,
        delete: state.delete || undefined,
        id: state.id,
        parent: state.parent,
        protect: state.protect || undefined,
        taint: state.taint || undefined,
        external: state.external || undefined,
        retainOnDelete: state.retainOnDelete || undefined,
        inputs: redact(state.inputs),
        outputs: redact(state.outputs ?? {}),
        provider: state.provider,
        initErrors: state.initErrors.length > 0 ? state.initErrors : undefined,
      }
    : null;

const metadata = (step: Step, op: Op) => ({
  op,
  urn: step.urn,
  type: (step.new ?? step.old)?.type ?? "",
  old: stateOf(step.old),
  new: stateOf(step.new),
  keys: step.keys.length > 0 ? step.keys : undefined,
  diffs: step.diffs.length > 0 ? step.diffs : undefined,
  detailedDiff: step.detailedDiff ?? null,
  logical: isLogical(step.op) || undefined,
  provider: (step.new ?? step.old)?.provider ?? "",
});

export class JsonEventsDisplay implements Display {
  readonly #options: DisplayOptions;
  #sequence = 0;

  constructor(options: DisplayOptions, config: Readonly<Record<string, string>>) {
    this.#options = options;
    this.#event("preludeEvent", { config });
  }

  #event(name: string, payload: object): void {
    const event = { sequence: this.#sequence++, timestamp: Math.floor(Date.now() / 1000), [name]: payload };
    this.#options.write(`${maskJson(event, this.#options.mask)}\n`);
  }

  stepStarted(step: Step): void {
    if (!step.internal) this.#event("resourcePreEvent", { metadata: metadata(step, step.op), ...this.#planning() });
  }
  stepEnded(step: Step, result: Op): void {
    // The outputs of components and of the stack are reported when the program has registered them.
    if (!step.internal && (step.new ?? step.old)?.custom !== false) this.#outputs(step, result);
  }
  stepFailed(step: Step): void {
    if (!step.internal) this.#event("resOpFailedEvent", { metadata: metadata(step, step.op), status: 0, steps: 0 });
  }
  outputsRegistered(step: Step): void {
    if (!step.internal) this.#outputs(step, step.op);
  }
  #outputs(step: Step, op: Op): void {
    this.#event("resOutputsEvent", { metadata: metadata(step, op), ...this.#planning() });
  }
  #planning = () => (this.#options.preview ? { planning: true } : {});

  diagnostic({ urn, message, severity, ephemeral }: Diagnostic): void {
    if (severity === "debug") return;
    const prefix = severity === "info" ? {} : { prefix: `${severity}: ` };
    const about = urn === "" ? {} : { urn };
    const text = { message: `${message}\n`, color: "never", severity };
    this.#event("diagnosticEvent", { ...about, ...prefix, ...text, ...(ephemeral ? { ephemeral } : {}) });
  }
  programOutput(line: string, severity: "info" | "error"): void {
    this.#event("diagnosticEvent", {
      message: `${line}\n`,
      color: "never",
      severity: severity === "info" ? severity : "info#err",
    });
  }

  end({ failed, changes, durationMs }: RunResult): void {
    this.#event("summaryEvent", {
      maybeCorrupt: false,
      durationSeconds: Math.ceil(durationMs / 1000),
      resourceChanges: changes,
      PolicyPacks: {},
      isPreview: this.#options.preview,
      result: failed ? "failed" : "succeeded",
    });
    this.#event("cancelEvent", {});
  }
}
