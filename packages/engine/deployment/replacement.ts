/**
 * The steps of a replacement: create first, or delete first with all that cannot stay.
 * @module
 */
import type { Goal } from "../resources/goal.ts";
import type { ResourceState } from "../resources/state.ts";
import { isProviderType } from "../resources/urn.ts";
import type { Decision } from "../steps/after-diff.ts";
import { deleteStep } from "../steps/deletes.ts";
import { type DependentReplacement, dependentReplacements } from "../steps/dependents.ts";
import { asksForReplacement, replaceOnChanges } from "../steps/options.ts";
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
    // Defaults that the old inputs gave are not for a new resource.
    const inputs = await checkInputs(context, next, undefined, goal.properties);
    if (!inputs) throw new Bail(`resource ${next.urn} has check errors`);
    next.inputs = inputs;
  }
  if (!decision.deleteFirst)
    return [
      step("create-replacement", { ...reasons, pendingDelete: true }),
      step("replace", { ...reasons, pendingDelete: true, done: undefined }),
    ];
  const condemned = await deletionsBefore(context, old, next.urn);
  context.ensureProvider(old.provider);
  // What was deleted by an interrupted run is not deleted twice.
  const own = old.pendingReplacement ? [] : [deleteStep(old, true, true)];
  return [...condemned, ...own, step("replace", { ...reasons, done: undefined }), step("create-replacement", reasons)];
}

/** Deletions of all that leans on `old` and would be replaced with it, those first that nothing leans on. */
async function deletionsBefore(context: DeploymentContext, old: ResourceState, urn: string): Promise<Step[]> {
  const { decisions, options } = context;
  const dependents = context.graph.contains(old)
    ? await dependentReplacements(old, context.graph, decisions.decided(), (state, inputs) =>
        wouldReplace(context, state, inputs),
      )
    : [];
  const condemned = [...dependents, ...replacedWith(context, urn)];
  const steps: Step[] = [];
  for (const { resource, keys } of condemned.toReversed()) {
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
    // Whether it comes back is not known yet.
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
  return { replace: asksForReplacement(diff), keys: diff.replaceKeys };
}
