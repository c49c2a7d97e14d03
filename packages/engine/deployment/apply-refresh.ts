/**
 * Reads a resource and reports how it differs from the state.
 * @module
 */
import { invert } from "../properties/diff.ts";
import { equal } from "../properties/walk.ts";
import { InitError, type ReadResult } from "../providers/provider.ts";
import type { ResourceState } from "../resources/state.ts";
import { isProviderType } from "../resources/urn.ts";
import { type Op, type Step, subjectOf } from "../steps/step.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import { resourceDiff } from "./diff.ts";

/** A refresh step, whose result is known only after it has run. */
export interface RefreshStep extends Step {
  new: ResourceState | undefined;
  diffs: readonly string[];
  detailedDiff: Step["detailedDiff"];
}

export async function applyRefresh(context: DeploymentContext, step: Step): Promise<Op> {
  const refresh = step as RefreshStep;
  const old = subjectOf(step);
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement) return "same";
  const { found, initErrors } = await read(context, old);
  if (found.id === "") {
    refresh.new = undefined;
    return "delete";
  }
  const inputs = found.inputs ?? old.inputs;
  const next: ResourceState = { ...old, id: found.id, initErrors, inputs, outputs: found.outputs };
  if (!equal(inputs, old.inputs) || !equal(found.outputs, old.outputs ?? {})) next.modified = new Date().toISOString();
  refresh.new = next;
  if (old.external) return equal(old.outputs ?? {}, found.outputs) ? "same" : "update";
  // The inverse of what `up` of an unchanged program would do now.
  const diff = await resourceDiff(context, next, next, old.inputs, context.options.preview, old.ignoreChanges);
  refresh.diffs = diff.changedKeys;
  refresh.detailedDiff =
    diff.detailedDiff &&
    Object.fromEntries(Object.entries(diff.detailedDiff).map(([path, d]) => [path, { ...d, kind: invert(d.kind) }]));
  return diff.changes === "none" ? "same" : "update";
}

async function read(
  context: DeploymentContext,
  old: ResourceState,
): Promise<{ found: ReadResult; initErrors: readonly string[] }> {
  try {
    const request = { urn: old.urn, id: old.id, inputs: old.inputs, state: old.outputs ?? {}, timeout: 0 };
    return { found: await context.providerOf(old).read(request), initErrors: [] };
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    const message = `Refreshed resource is in an unhealthy state:\n* ${error.reasons.join("\n* ")}`;
    context.options.observer.diagnostic({ urn: old.urn, severity: "warning", message });
    return { found: error.result, initErrors: error.reasons };
  }
}
