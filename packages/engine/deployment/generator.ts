/**
 * Turns a registration into steps. The rules are in `steps/`; this module calls the providers and records the decisions.
 * @module
 */
import { resetPaths } from "../properties/reset.ts";
import { equal } from "../properties/walk.ts";
import { type DiffResult, NO_DIFF } from "../providers/provider.ts";
import { type Goal, type ReadRequest, stateFromGoal } from "../resources/goal.ts";
import { blankState, type ResourceState } from "../resources/state.ts";
import { isDefaultProvider, isProviderType, makeUrn, parentTypeOf } from "../resources/urn.ts";
import { decide } from "../steps/after-diff.ts";
import { isTriggered } from "../steps/options.ts";
import { type Done, NO_REASONS, type Reasons, type Step } from "../steps/step.ts";
import { checkInputs } from "./check.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import { isProviderChanged, resourceDiff } from "./diff.ts";
import { Bail } from "./events.ts";
import { findOld } from "./find-old.ts";
import { replacementSteps } from "./replacement.ts";
import { rejectSkipped, untargetedSteps } from "./untargeted.ts";

function claimUrn(context: DeploymentContext, parent: string, type: string, name: string): string {
  const { stack, project, observer } = context.options;
  if (parent !== "" && !context.decisions.urns.has(parent)) throw new Error(`could not find parent resource ${parent}`);
  const urn = makeUrn(stack, project, parentTypeOf(parent), type, name);
  if (context.decisions.urns.has(urn)) {
    const message = `Duplicate resource URN '${urn}'; try giving it a unique name`;
    observer.diagnostic({ urn, severity: "error", message });
    throw new Bail(message);
  }
  context.decisions.urns.add(urn);
  return urn;
}

export async function generateSteps(context: DeploymentContext, goal: Goal, done: Done): Promise<Step[]> {
  const steps = await stepsFor(context, goal, done);
  rejectSkipped(context, steps);
  return steps;
}

async function stepsFor(context: DeploymentContext, goal: Goal, done: Done): Promise<Step[]> {
  const { decisions, selection } = context;
  const urn = claimUrn(context, goal.parent, goal.type, goal.name);
  const { old, alias, invalid } = findOld(context, urn, goal);
  const next = stateFromGoal(goal, urn, old, alias);
  if (isProviderType(goal.type)) for (const key of [urn, ...next.aliases]) context.providerStates.set(key, next);
  const step = (op: Step["op"], more: Partial<Step> = {}): Step => ({
    ...NO_REASONS,
    op,
    urn,
    old,
    new: next,
    done,
    internal: isDefaultProvider(urn),
    ...more,
  });
  const recreating = decisions.deletes.has(urn);
  const wasExternal = old?.external === true;
  const included = selection.includes(next);
  // A new resource must not inherit values from old inputs.
  const kept = recreating || wasExternal || selection.isReplaced(urn, old) ? undefined : old;
  // Resources outside the operation are not checked.
  const checked = included ? await check(context, goal, next, kept) : ignoreInputs(goal, next, old);
  if (!checked || invalid) throw new Bail(`resource ${urn} is invalid`);

  if (old && recreating) {
    // It was deleted because of a dependency; registering it again makes this a replacement.
    decisions.deletes.delete(urn);
    decisions.replaces.add(urn);
    const keys = decisions.dependentKeys.get(urn) ?? [];
    return [step("replace", { done: undefined }), step("create-replacement", { keys })];
  }
  if (old && wasExternal) {
    decisions.creates.add(urn);
    return [step("create-replacement", { pendingDelete: true }), step("replace", { done: undefined })];
  }
  selection.record(next, included);
  if (!included) return old ? untargetedSteps(context, old, urn, done) : [skippedCreate(context, step)];
  if (!old) {
    decisions.creates.add(urn);
    return [step("create")];
  }
  return afterDiff(context, goal, old, next, step);
}

/** Sets the checked inputs in the new state. Returns false if the provider rejects them. */
async function check(
  context: DeploymentContext,
  goal: Goal,
  next: ResourceState,
  old: ResourceState | undefined,
): Promise<boolean> {
  const { observer } = context.options;
  let news = goal.properties;
  if (old) {
    const ignored = resetPaths(goal.ignoreChanges, old.inputs, news);
    news = ignored.inputs;
    if (ignored.invalid.length > 0)
      observer.diagnostic({
        urn: next.urn,
        severity: "info",
        message: `cannot ignore changes in added or removed elements of the path: "${ignored.invalid.join(", ")}"`,
      });
  }
  // A component keeps the program's inputs: ignored changes only do not count as changes.
  if (!goal.custom) return true;
  const inputs = await checkInputs(context, next, old?.inputs, news);
  if (inputs) next.inputs = inputs;
  return inputs !== undefined;
}

function ignoreInputs(goal: Goal, next: ResourceState, old: ResourceState | undefined): true {
  if (goal.custom) next.inputs = old?.inputs ?? {};
  return true;
}

function skippedCreate(context: DeploymentContext, step: (op: Step["op"], more?: Partial<Step>) => Step): Step {
  const same = step("same");
  context.decisions.sames.add(same.urn);
  context.decisions.skippedCreates.add(same.urn);
  return { ...same, old: same.new && { ...same.new }, skippedCreate: true };
}

async function diffOf(context: DeploymentContext, old: ResourceState, next: ResourceState): Promise<DiffResult> {
  if (context.selection.isReplaced(next.urn, old)) return { ...NO_DIFF, changes: "some", replaceKeys: ["id"] };
  if (next.replaceWith.some((urn) => context.decisions.replaces.has(urn)))
    return { ...NO_DIFF, changes: "some", replaceKeys: ["replaceWith"] };
  if (await isProviderChanged(context, old, next)) return { ...NO_DIFF, changes: "some", replaceKeys: ["provider"] };
  // A component has no provider, so any change to its inputs counts.
  if (!next.custom) {
    const { inputs } = resetPaths(next.ignoreChanges, old.inputs, next.inputs);
    return { ...NO_DIFF, changes: equal(old.inputs, inputs) ? "none" : "some" };
  }
  return resourceDiff(context, next, old, next.inputs, context.options.preview, next.ignoreChanges);
}

async function afterDiff(
  context: DeploymentContext,
  goal: Goal,
  old: ResourceState,
  next: ResourceState,
  step: (op: Step["op"], more?: Partial<Step>) => Step,
): Promise<Step[]> {
  const { decisions, options } = context;
  const triggered = isTriggered(next.replacementTrigger, old.replacementTrigger);
  const diff: DiffResult = triggered ? { ...NO_DIFF, changes: "some" } : await diffOf(context, old, next);
  const decision = decide({ old, new: next, diff, triggered, deleteBeforeReplace: goal.deleteBeforeReplace });
  const { replaceKeys, changedKeys, detailedDiff } = decision.diff;
  const reasons: Reasons = { keys: replaceKeys, diffs: changedKeys, detailedDiff };
  if (decision.action === "same") {
    decisions.sames.add(next.urn);
    return [step("same")];
  }
  if (decision.action === "update") {
    decisions.updates.add(next.urn);
    return [step("update", { diffs: changedKeys, detailedDiff, ignoreChanges: goal.ignoreChanges })];
  }
  if (decision.refused) {
    const message =
      `unable to replace resource "${next.urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
      "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
    options.observer.diagnostic({ urn: next.urn, severity: "error", message });
    context.errored = true;
    // A preview continues, to show the reason for the replacement.
    if (!options.preview) throw new Bail(message);
  }
  return replacementSteps(context, goal, old, next, decision, reasons, step);
}

export function generateReadSteps(context: DeploymentContext, request: ReadRequest, done: Done): Step[] {
  const { decisions } = context;
  const urn = claimUrn(context, request.parent, request.type, request.name);
  if (request.id === "") throw new Error(`Expected an ID for ${urn}`);
  // It has no aliases of its own, but inherits those of its parent.
  const { old, alias } = findOld(context, urn, { ...request, aliases: [] });
  const next: ResourceState = {
    ...blankState(request.type, urn),
    aliases: alias === undefined ? [] : [alias],
    custom: true,
    external: true,
    id: request.id,
    inputs: request.properties,
    outputs: {},
    parent: request.parent,
    dependencies: request.dependencies,
    provider: request.provider,
    additionalSecretOutputs: request.additionalSecretOutputs,
    sourcePosition: request.sourcePosition,
    stackTrace: request.stackTrace,
  };
  context.selection.record(next, context.selection.includes(next));
  const base = { ...NO_REASONS, urn, old, new: next, internal: false };
  if (old && !old.external && old.id !== request.id) {
    // The owned resource is released in favor of the one that is read.
    decisions.replaces.add(urn);
    return [
      { ...base, op: "read-replacement", done },
      { ...base, op: "replace", pendingDelete: true },
    ];
  }
  decisions.reads.add(urn);
  return [{ ...base, op: "read", done }];
}
