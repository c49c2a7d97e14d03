/**
 * The document of `preview --json`.
 * @module
 */
import type { Diagnostic } from "../deployment/events.ts";
import { type Json, type SecretWriter, storeMap } from "../properties/stored.ts";
import { type PropertyMap, Secret, type Value } from "../properties/value.ts";
import { rewriteMap } from "../properties/walk.ts";
import type { ResourceState } from "../resources/state.ts";
import { isRootStack } from "../resources/urn.ts";
import { storeResource } from "../state/stored-resource.ts";
import type { Op, Step } from "../steps/step.ts";
import { isVisible } from "./words.ts";

export interface DigestInput {
  readonly config: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly step: Step; readonly result: Op }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly durationMs: number;
  readonly changes: Partial<Record<Op, number>>;
  readonly showSames: boolean;
}

const redact = (map: PropertyMap): PropertyMap =>
  rewriteMap(map, (value: Value) => (value instanceof Secret ? "[secret]" : value));
/** Never called, because secrets have been redacted. */
const never: SecretWriter = () => ({});

const stateOf = (state: ResourceState | undefined) =>
  state &&
  storeResource(
    {
      ...state,
      inputs: redact(state.inputs),
      outputs: state.outputs && redact(state.outputs),
      replacementTrigger: null,
    },
    never,
  );

export function previewDigest(input: DigestInput): { [key: string]: Json } {
  const steps = input.steps
    .filter(({ step }) => isVisible(step, input.showSames) || isRootStack(step.urn))
    .map(({ step, result }) => {
      const provider = (step.new ?? step.old)?.provider;
      return {
        op: opOf(step, result),
        urn: step.urn,
        ...(provider ? { provider } : {}),
        ...(step.old ? { oldState: stateOf(step.old) } : {}),
        ...(step.new ? { newState: stateOf(step.new) } : {}),
        ...(step.diffs.length > 0 ? { diffReasons: [...step.diffs] } : {}),
        ...(step.keys.length > 0 ? { replaceReasons: [...step.keys] } : {}),
        // As in the CLI, no diff and an empty diff are different.
        detailedDiff: step.detailedDiff ?? null,
      };
    });
  const diagnostics = input.diagnostics.map(({ urn, message, severity }) => ({
    ...(urn === "" ? {} : { urn }),
    message: `${severity === "info" ? "" : `${severity}: `}${message}\n`,
    severity: severity === "info" ? "info" : severity,
  }));
  return JSON.parse(
    JSON.stringify({
      ...(Object.keys(input.config).length > 0 ? { config: input.config } : {}),
      ...(steps.length > 0 ? { steps } : {}),
      ...(diagnostics.length > 0 ? { diagnostics } : {}),
      duration: input.durationMs * 1_000_000,
      changeSummary: input.changes,
    }),
  );
}

/** Reports a refresh that found a change as that change. */
const opOf = (step: Step, result: Op): Op =>
  step.op === "refresh" && (result === "delete" || (result === "update" && step.detailedDiff)) ? result : step.op;

/** Converts a stack's outputs to JSON; secrets are redacted unless `showSecrets`. */
export const outputsJson = (outputs: PropertyMap, showSecrets: boolean): { [key: string]: Json } => {
  const plain = rewriteMap(outputs, (v) => (v instanceof Secret ? (showSecrets ? v.element : "[secret]") : v));
  return storeMap(plain, never);
};
