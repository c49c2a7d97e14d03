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
  if (rejectUntargeted(context, steps) && !options.preview) return;
  for (const state of resources)
    if (!isDeletable(state) && !isOperatedOn(state.urn)) await (await executor.submit([untargetedSame(state)])).ended;
  for (const { old } of steps) {
    if (!old) continue;
    decisions.deletes.add(old.urn);
    context.ensureProvider(old.provider);
  }
  const kept = new Set<ResourceState>();
  for (const round of scheduleDeletes(steps, resources)) {
    // If a resource could not be deleted, its dependencies are kept.
    for (const { old } of executor.failedSteps)
      if (old && context.graph.contains(old))
        for (const state of context.graph.transitiveDependenciesOf(old)) kept.add(state);
    const runnable = round.filter(({ old }) => old && !kept.has(old));
    const ends: Promise<void>[] = [];
    for (const step of runnable) ends.push((await executor.submit([step])).ended);
    await Promise.all(ends);
    if (signal.aborted) return;
  }
}

/** Rejects deletions that `--target` does not name, unless --target-dependents is set. */
function rejectUntargeted(context: DeploymentContext, steps: readonly Step[]): boolean {
  const { selection, options } = context;
  const { targets, flags } = selection;
  if (!targets.given || flags.targetDependents) return false;
  const untargeted = steps.filter(({ urn }) => !targets.has(urn));
  for (const { urn } of untargeted)
    options.observer.diagnostic({
      urn,
      severity: "error",
      message:
        `Resource '${urn}' will be destroyed but was not specified in --target list.\n` +
        "Either include resource in --target list or pass --target-dependents to proceed.",
    });
  if (untargeted.length > 0) context.errored = true;
  return untargeted.length > 0;
}
