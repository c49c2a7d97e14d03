/**
 * Runs the deletions of a deployment, round by round.
 * @module
 */
import type { ResourceState } from "../resources/state.ts";
import { planDeletes, scheduleDeletes } from "../steps/deletes.ts";
import type { Executor } from "./executor.ts";
import type { World } from "./world.ts";

export async function runDeletes(world: World, executor: Executor, signal: AbortSignal): Promise<void> {
  const { ledger, options } = world;
  const { resources } = options.base;
  const steps = planDeletes({
    resources,
    isOperatedOn: (urn) => ledger.isOperatedOn(urn),
    alreadyDeleted: ledger.pendingDeletes,
  });
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
