/**
 * Refreshes the whole base before anything else is done.
 * @module
 */
import type { ResourceState } from "../resources/state.ts";
import { dependenciesOf } from "../resources/state.ts";
import { isDefaultProvider } from "../steps/default-provider.ts";
import { NO_REASONS, type Op } from "../steps/step.ts";
import type { RefreshStep } from "./apply-refresh.ts";
import { Executor } from "./executor.ts";
import type { World } from "./world.ts";

/** True when every resource could be read. */
export async function refreshBase(world: World, cancel: AbortController, changes: Partial<Record<Op, number>>, counted: boolean): Promise<boolean> {
  const { base } = world.options;
  const steps = base.resources.map((state): RefreshStep => {
    world.ensureProvider(state.provider);
    return { ...NO_REASONS, op: "refresh", urn: state.urn, old: state, new: state, internal: isDefaultProvider(state.urn) };
  });
  const executor = new Executor(world, cancel, counted ? changes : {}, true);
  for (const step of steps) await executor.submit([step]);
  await executor.settle();
  base.resources = rebuild(new Map(steps.map((step) => [step.old as ResourceState, step.new])), base.resources);
  world.rebuild();
  world.news.clear();
  return !executor.failed;
}

/** The resources that are left, with what leaned on the others put right. The list is in topological order. */
export function rebuild(
  refreshed: ReadonlyMap<ResourceState, ResourceState | undefined>,
  resources: readonly ResourceState[],
): ResourceState[] {
  const result: ResourceState[] = [];
  const there = new Set<string>();
  /** For each URN that has gone, the nearest ancestor that is still there. */
  const parents = new Map<string, string>();
  for (const old of resources) {
    const next = refreshed.has(old) ? refreshed.get(old) : old;
    if (!next) {
      parents.set(old.urn, there.has(old.parent) ? old.parent : (parents.get(old.parent) ?? ""));
      continue;
    }
    const isGone = (urn: string) => urn !== "" && !there.has(urn);
    if (dependenciesOf(next).some(({ urn }) => isGone(urn))) {
      next.dependencies = next.dependencies.filter((urn) => !isGone(urn));
      next.propertyDependencies =
        next.propertyDependencies &&
        Object.fromEntries(
          Object.entries(next.propertyDependencies).flatMap(([key, urns]) => {
            const left = urns.filter((urn) => !isGone(urn));
            return left.length > 0 ? [[key, left]] : [];
          }),
        );
      next.replaceWith = next.replaceWith.filter((urn) => !isGone(urn));
      if (isGone(next.deletedWith)) next.deletedWith = "";
      if (isGone(next.parent)) next.parent = parents.get(next.parent) ?? "";
    }
    result.push(next);
    there.add(next.urn);
  }
  return result;
}
