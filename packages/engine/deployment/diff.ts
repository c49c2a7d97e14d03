/**
 * Determines what has changed, through the providers.
 * @module
 */
import { changedKeys, detailedDiff } from "../properties/diff.ts";
import { resetPaths } from "../properties/reset.ts";
import type { PropertyMap } from "../properties/value.ts";
import { type DiffResult, NO_DIFF } from "../providers/provider.ts";
import type { ResourceState } from "../resources/state.ts";
import { parseProviderReference } from "../resources/urn.ts";
import { requiresReplacement } from "../steps/options.ts";
import type { DeploymentContext } from "./deployment-context.ts";

/** Returns the provider's diff; if the provider does not compare, compares the inputs. */
export async function resourceDiff(
  context: DeploymentContext,
  owner: ResourceState,
  old: ResourceState,
  newInputs: PropertyMap,
  unknowns: boolean,
  ignored: readonly string[],
): Promise<DiffResult> {
  const diff = await context.providerOf(owner).diff({
    urn: owner.urn,
    id: old.id,
    oldInputs: old.inputs,
    oldOutputs: old.outputs ?? {},
    newInputs,
    unknowns,
    ignoreChanges: ignored,
  });
  if (diff.changes !== "unknown") return diff;
  const compared = resetPaths(ignored, old.inputs, newInputs).inputs;
  const keys = changedKeys(old.inputs, compared);
  if (keys.length === 0) return { ...diff, changes: "none" };
  return { ...diff, changes: "some", changedKeys: keys, detailedDiff: detailedDiff(old.inputs, compared, true) };
}

/** Whether the resource has a different provider that requires replacing it. */
export async function isProviderChanged(
  context: DeploymentContext,
  old: ResourceState,
  next: ResourceState,
): Promise<boolean> {
  if (old.provider === next.provider) return false;
  if (old.provider === "" || next.provider === "") return true;
  const [before, after] = [parseProviderReference(old.provider), parseProviderReference(next.provider)];
  if (context.decisions.claimedBy.get(before.urn) === after.urn) return false;
  const oldState = context.olds.get(before.urn);
  const newState = context.providerStates.get(after.urn);
  const diff =
    oldState && newState
      ? await context.options.registry.diff({
          urn: after.urn,
          id: after.id,
          oldInputs: oldState.inputs,
          oldOutputs: oldState.outputs ?? {},
          newInputs: newState.inputs,
          unknowns: true,
          ignoreChanges: [],
        })
      : NO_DIFF;
  return requiresReplacement(diff);
}
