/**
 * Runs the deletions of a deployment, round by round.
 * @module
 */
import type { ResourceState } from "../resources/state.ts";
import { deletable } from "../steps/deletable.ts";
import { planDeletes, scheduleDeletes } from "../steps/deletes.ts";
import type { Step } from "../steps/step.ts";
import type { Executor } from "./executor.ts";
import { untargetedSame } from "./untargeted.ts";
import type { World } from "./world.ts";

export async function runDeletes(world: World, executor: Executor, signal: AbortSignal): Promise<void> {
  const { ledger, options, selection } = world;
  const { resources } = options.base;
  const isDeletable = deletable(resources, world.graph, selection);
  const isOperatedOn = (urn: string) => ledger.isOperatedOn(urn);
  const steps = planDeletes({
    resources: resources.filter(isDeletable),
    isOperatedOn,
    alreadyDeleted: ledger.pendingDeletes,
  });
  if (refuseUnnamed(world, steps) && !options.preview) return;
  for (const state of resources)
    if (!isDeletable(state) && !isOperatedOn(state.urn)) await (await executor.submit([untargetedSame(state)])).ended;
  for (const { old } of steps) {
    if (!old) continue;
    ledger.deletes.add(old.urn);
    world.ensureProvider(old.provider);
  }
  const spared = new Set<ResourceState>();
  for (const round of scheduleDeletes(steps, resources)) {
    // What a resource leans on stays when the resource could not be deleted.
    for (const { old } of executor.failedSteps)
      if (old && world.graph.contains(old))
        for (const state of world.graph.transitiveDependenciesOf(old)) spared.add(state);
    const runnable = round.filter(({ old }) => old && !spared.has(old));
    const ends: Promise<void>[] = [];
    for (const step of runnable) ends.push((await executor.submit([step])).ended);
    await Promise.all(ends);
    if (signal.aborted) return;
  }
}

/** `--target` means these alone: what leans on them goes only when the user has said so. */
function refuseUnnamed(world: World, steps: readonly Step[]): boolean {
  const { selection, options } = world;
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
  if (unnamed.length > 0) world.errored = true;
  return unnamed.length > 0;
}
