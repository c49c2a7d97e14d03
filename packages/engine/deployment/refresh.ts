/**
 * Refreshes the whole base before anything else is done.
 * @module
 */
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { isDefaultProvider } from "../resources/urn.ts";
import type { SelectionFlags } from "../steps/selection.ts";
import { NO_REASONS, type Op } from "../steps/step.ts";
import { UrnTargets } from "../steps/urn-targets.ts";
import type { RefreshStep } from "./apply-refresh.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import { Executor } from "./executor.ts";

/** Refreshes the base. Returns whether every resource could be read. */
export async function refreshBase(
  context: DeploymentContext,
  cancel: AbortController,
  changes: Partial<Record<Op, number>>,
  counted: boolean,
): Promise<boolean> {
  const { base } = context.options;
  const steps = toRefresh(base.resources, context.options.selection).map((state): RefreshStep => {
    context.ensureProvider(state.provider);
    return {
      ...NO_REASONS,
      op: "refresh",
      urn: state.urn,
      old: state,
      new: state,
      internal: isDefaultProvider(state.urn),
    };
  });
  const executor = new Executor(context, cancel, counted ? changes : {}, true);
  for (const step of steps) await executor.submit([step]);
  await executor.settle();
  base.resources = rebuild(new Map(steps.map((step) => [step.old as ResourceState, step.new])), base.resources);
  context.rebuild();
  context.news.clear();
  return !executor.failed;
}

/** Returns the resources to read. Unlike elsewhere, providers and the stack are not always included. */
function toRefresh(resources: readonly ResourceState[], flags: SelectionFlags): readonly ResourceState[] {
  const excluding = flags.targets.length === 0;
  const named = new UrnTargets(excluding ? flags.excludes : flags.targets);
  if (!named.given) return resources;
  const follow = excluding ? flags.excludeDependents : flags.targetDependents;
  return resources.filter((state) => {
    if (follow && dependenciesOf(state).some(({ urn }) => named.has(urn))) named.add(state.urn);
    return named.has(state.urn) !== excluding;
  });
}

/** Returns the remaining resources, without references to missing ones. The list is in topological order. */
export function rebuild(
  refreshed: ReadonlyMap<ResourceState, ResourceState | undefined>,
  resources: readonly ResourceState[],
): ResourceState[] {
  const result: ResourceState[] = [];
  const present = new Set<string>();
  for (const old of resources) {
    const next = refreshed.has(old) ? refreshed.get(old) : old;
    if (!next) continue;
    repair(next, (urn) => urn !== "" && !present.has(urn));
    result.push(next);
    present.add(next.urn);
  }
  return result;
}

function repair(state: ResourceState, isGone: (urn: string) => boolean): void {
  const left = (urns: readonly string[]) => urns.filter((urn) => !isGone(urn));
  const deps = state.propertyDependencies;
  // As with the CLI, empty lists of properties without dependencies are dropped.
  state.propertyDependencies =
    deps &&
    Object.fromEntries(
      Object.entries(deps).flatMap(([key, urns]) => (left(urns).length > 0 ? [[key, left(urns)]] : [])),
    );
  state.dependencies = left(state.dependencies);
  state.replaceWith = left(state.replaceWith);
  if (isGone(state.deletedWith)) state.deletedWith = "";
  // Not moved to its grandparent: as with the CLI, it has no parent until the program registers one.
  if (isGone(state.parent)) state.parent = "";
}
