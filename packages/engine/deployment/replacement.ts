/**
 * The steps of a replacement: create first, or delete first, with all dependents that cannot stay.
 * @module
 */
import type { Goal } from "../resources/goal.ts";
import type { ResourceState } from "../resources/state.ts";
import { isProviderType } from "../resources/urn.ts";
import type { Decision } from "../steps/after-diff.ts";
import { deleteStep } from "../steps/deletes.ts";
import { type DependentReplacement, dependentReplacements } from "../steps/dependents.ts";
import { replaceOnChanges, requiresReplacement } from "../steps/options.ts";
import type { Reasons, Step } from "../steps/step.ts";
import { checkInputs } from "./check.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import { resourceDiff } from "./diff.ts";
import { Bail } from "./events.ts";

export async function replacementSteps(
  context: DeploymentContext,
  goal: Goal,
  old: ResourceState,
  next: ResourceState,
  decision: Decision,
  reasons: Reasons,
  step: (op: Step["op"], more?: Partial<Step>) => Step,
): Promise<Step[]> {
  const { decisions } = context;
  decisions.replaces.add(next.urn);
  if (goal.custom && !context.selection.isReplaced(next.urn, old)) {
    // A new resource must not inherit defaults from old inputs.
    const inputs = await checkInputs(context, next, undefined, goal.properties);
    if (!inputs) throw new Bail(`resource ${next.urn} has check errors`);
    next.inputs = inputs;
  }
  if (!decision.deleteFirst)
    return [
      step("create-replacement", { ...reasons, pendingDelete: true }),
      step("replace", { ...reasons, pendingDelete: true, done: undefined }),
    ];
  const deletions = await deletionsBefore(context, old, next.urn);
  context.ensureProvider(old.provider);
  // Not deleted a second time if an interrupted run has already deleted it.
  const own = old.pendingReplacement ? [] : [deleteStep(old, true, true)];
  return [...deletions, ...own, step("replace", { ...reasons, done: undefined }), step("create-replacement", reasons)];
}

/** Returns deletions of all dependents that would be replaced with `old`, dependents first. */
async function deletionsBefore(context: DeploymentContext, old: ResourceState, urn: string): Promise<Step[]> {
  const { decisions, options } = context;
  const dependents = context.graph.contains(old)
    ? await dependentReplacements(old, context.graph, decisions.decided(), (state, inputs) =>
        wouldReplace(context, state, inputs),
      )
    : [];
  const toDelete = [...dependents, ...replacedWith(context, urn)];
  const steps: Step[] = [];
  for (const { resource, keys } of toDelete.toReversed()) {
    if (decisions.pendingDeletes.has(resource)) continue;
    decisions.dependentKeys.set(resource.urn, keys);
    if (resource.protect && !resource.delete) {
      const message =
        `unable to replace resource "${resource.urn}" as part of replacing "${urn}" as it is currently marked for protection. ` +
        "To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
      options.observer.diagnostic({ urn, severity: "error", message });
      throw new Bail(message);
    }
    context.ensureProvider(resource.provider);
    steps.push(deleteStep(resource, !resource.delete, !resource.delete));
    // It is not known yet whether it will be recreated.
    decisions.deletes.add(resource.urn);
    decisions.pendingDeletes.add(resource);
  }
  return steps;
}

function replacedWith(context: DeploymentContext, urn: string): DependentReplacement[] {
  const states = new Map([...context.olds, ...context.news]);
  return [...states.values()]
    .filter((state) => state.replaceWith.includes(urn))
    .map((resource) => ({ resource, keys: [] }));
}

async function wouldReplace(context: DeploymentContext, state: ResourceState, inputs: ResourceState["inputs"]) {
  if (isProviderType(state.type)) context.options.registry.load(state.urn, state.id, state.inputs);
  else context.ensureProvider(state.provider);
  const raw = await resourceDiff(context, state, state, inputs, true, state.ignoreChanges);
  const diff = replaceOnChanges(raw, state.replaceOnChanges, false);
  return { replace: requiresReplacement(diff), keys: diff.replaceKeys };
}
