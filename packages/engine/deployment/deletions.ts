/**
 * Runs the deletions of a deployment, round by round.
 * @module
 */
import type { ResourceState } from "../resources/state.ts";
import { deletable } from "../steps/deletable.ts";
import { planDeletes, scheduleDeletes } from "../steps/deletes.ts";
import type { Step } from "../steps/step.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import type { Executor } from "./executor.ts";
import { untargetedSame } from "./untargeted.ts";

export async function runDeletes(context: DeploymentContext, executor: Executor, signal: AbortSignal): Promise<void> {
  const { decisions, options, selection } = context;
  const { resources } = options.base;
  const isDeletable = deletable(resources, context.graph, selection);
  const isOperatedOn = (urn: string) => decisions.isOperatedOn(urn);
  const steps = planDeletes({
    resources: resources.filter(isDeletable),
    isOperatedOn,
    alreadyDeleted: decisions.pendingDeletes,
  });
  if (refuseUnnamed(context, steps) && !options.preview) return;
  for (const state of resources)
    if (!isDeletable(state) && !isOperatedOn(state.urn)) await (await executor.submit([untargetedSame(state)])).ended;
  for (const { old } of steps) {
    if (!old) continue;
    decisions.deletes.add(old.urn);
    context.ensureProvider(old.provider);
  }
  const spared = new Set<ResourceState>();
  for (const round of scheduleDeletes(steps, resources)) {
    // What a resource leans on stays when the resource could not be deleted.
    for (const { old } of executor.failedSteps)
      if (old && context.graph.contains(old))
        for (const state of context.graph.transitiveDependenciesOf(old)) spared.add(state);
    const runnable = round.filter(({ old }) => old && !spared.has(old));
    const ends: Promise<void>[] = [];
    for (const step of runnable) ends.push((await executor.submit([step])).ended);
    await Promise.all(ends);
    if (signal.aborted) return;
  }
}

/** `--target` covers only these: their dependents are deleted only with --target-dependents. */
function refuseUnnamed(context: DeploymentContext, steps: readonly Step[]): boolean {
  const { selection, options } = context;
  const { targets, flags } = selection;
  if (!targets.given || flags.targetDependents) return false;
  const unnamed = steps.filter(({ urn }) => !targets.has(urn));
  for (const { urn } of unnamed)
    options.observer.diagnostic({
      urn,
      severity: "error",
      message:
        `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
        "Either include resource in --target list or pass --target-dependents to proceed.",
    });
  if (unnamed.length > 0) context.errored = true;
  return unnamed.length > 0;
}
