/**
 * Executes a step.
 * @module
 */
import { makeSecret, type PropertyMap, Secret } from "../properties/value.ts";
import { InitError } from "../providers/provider.ts";
import type { CustomTimeouts, ResourceState } from "../resources/state.ts";
import { isProviderType } from "../resources/urn.ts";
import type { Op, Step } from "../steps/step.ts";
import { isDeletion, subjectOf } from "../steps/step.ts";
import { applyRead } from "./apply-read.ts";
import { applyRefresh } from "./apply-refresh.ts";
import type { DeploymentContext } from "./deployment-context.ts";

/** Result of a step. A partial failure is kept in the state, because the resource exists. */
export interface Outcome {
  readonly result: Op;
  readonly error?: Error;
  readonly partial?: boolean;
}

const timeoutOf = (state: ResourceState, key: keyof CustomTimeouts): number => state.customTimeouts?.[key] ?? 0;
const now = (): string => new Date().toISOString();

const failed = (step: Step, error: unknown, partial = false): Outcome => ({
  result: step.op,
  error: error instanceof Error ? error : new Error(String(error)),
  partial,
});

export async function applyStep(context: DeploymentContext, step: Step): Promise<Outcome> {
  try {
    const outcome = await dispatch(context, step);
    if (step.new && step.op !== "replace") {
      markSecretOutputs(context, step.new);
      context.news.set(step.new.urn, step.new);
    }
    return outcome;
  } catch (error) {
    const isPartial = error instanceof InitError && step.new !== undefined;
    // A partially created resource is kept in the state, so its secrets must also be encrypted.
    if (isPartial) markSecretOutputs(context, step.new);
    return failed(step, error, isPartial);
  }
}

async function dispatch(context: DeploymentContext, step: Step): Promise<Outcome> {
  if (isDeletion(step.op)) await applyDelete(context, step);
  else if (step.op === "same") applySame(context, step);
  else if (step.op === "create" || step.op === "create-replacement") await applyCreate(context, step);
  else if (step.op === "update") await applyUpdate(context, step);
  else if (step.op === "read" || step.op === "read-replacement") await applyRead(context, step);
  else if (step.op === "refresh") return { result: await applyRefresh(context, step) };
  return { result: step.op };
}

function applySame(context: DeploymentContext, { old, new: next, untargeted, skippedCreate }: Step): void {
  if (!old || !next) return;
  const skipped = untargeted || skippedCreate;
  next.id = old.id;
  next.outputs = old.outputs;
  // With the old inputs, because the provider did not report a change.
  if (isProviderType(next.type) && !skipped) context.options.registry.load(next.urn, next.id, old.inputs);
}

async function applyCreate(context: DeploymentContext, step: Step): Promise<void> {
  const next = subjectOf(step);
  let failure: InitError | undefined;
  if (next.custom) {
    const request = {
      urn: next.urn,
      inputs: next.inputs,
      preview: context.options.preview,
      timeout: timeoutOf(next, "create"),
    };
    const created = await context
      .providerOf(next)
      .create(request)
      .catch((error: unknown) => {
        if (!(error instanceof InitError)) throw error;
        failure = error;
        next.initErrors = error.reasons;
        return error.result;
      });
    next.id = created.id;
    next.outputs = created.outputs;
    if (next.id === "" && !context.options.preview) throw new Error("provider did not return an ID from Create");
  }
  next.created = now();
  next.modified = next.created;
  if (step.op === "create-replacement" && step.pendingDelete && step.old) step.old.delete = true;
  if (failure) throw failure;
}

async function applyUpdate(context: DeploymentContext, step: Step): Promise<void> {
  const next = subjectOf(step);
  const { old } = step;
  if (!old) throw new Error(`update of ${next.urn} without an old state`);
  next.id = old.id;
  next.created = old.created;
  next.modified = old.modified;
  if (!next.custom) return;
  const { inputs } = next;
  try {
    const { outputs } = await context.providerOf(next).update({
      urn: next.urn,
      id: old.id,
      inputs,
      oldInputs: old.inputs,
      oldOutputs: old.outputs ?? {},
      preview: context.options.preview,
      timeout: timeoutOf(next, "update"),
      ignoreChanges: step.ignoreChanges ?? [],
    });
    next.outputs = outputs;
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    // The new inputs did not take effect completely: keeps the old inputs, with the current outputs.
    next.initErrors = error.reasons;
    next.outputs = error.result.outputs;
    next.inputs = old.inputs;
    next.modified = now();
    throw error;
  }
  next.modified = now();
}

async function applyDelete(context: DeploymentContext, step: Step): Promise<void> {
  const old = subjectOf(step);
  if (step.op === "remove-pending-replace") return;
  if (step.op === "delete" && old.protect)
    throw new ProtectedError(
      `resource "${old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the ` +
        `\`protect\` flag from the resource in your Pulumi program and run \`pulumi up\`, or use the command:\n` +
        `\`pulumi state unprotect '${old.urn}'\``,
    );
  const isDeletedWithAnother = old.deletedWith !== "" && context.decisions.deletes.has(old.deletedWith);
  const untouched =
    context.options.preview || old.external || old.retainOnDelete || isDeletedWithAnother || !old.custom;
  if (!untouched)
    await context.providerOf(old).delete({
      urn: old.urn,
      id: old.id,
      inputs: old.inputs,
      outputs: old.outputs ?? {},
      timeout: timeoutOf(old, "delete"),
    });
  // Set only after the call, so that a failed delete is retried.
  if (step.awaitsReplacement) old.pendingReplacement = true;
}

/** Does not stop other deletions: nothing was changed, and one run reports every protected resource. */
export class ProtectedError extends Error {
  override readonly name = "ProtectedError";
}

function markSecretOutputs(context: DeploymentContext, state: ResourceState): void {
  if (!state.outputs) return;
  const marked = new Map(Object.entries(state.outputs));
  let changed = false;
  for (const key of state.additionalSecretOutputs) {
    if (key === "id")
      context.options.observer.diagnostic({
        urn: state.urn,
        severity: "warning",
        message: "The 'id' property cannot be made secret. See pulumi/pulumi#2717 for more details.",
      });
    const value = marked.get(key);
    if (key === "id" || value === undefined || value instanceof Secret) continue;
    marked.set(key, makeSecret(value));
    changed = true;
  }
  // A secret input may be returned as an output.
  for (const [key, value] of marked) {
    if (value instanceof Secret || !(state.inputs[key] instanceof Secret)) continue;
    marked.set(key, makeSecret(value));
    changed = true;
  }
  if (changed) state.outputs = Object.fromEntries(marked) as PropertyMap;
}
