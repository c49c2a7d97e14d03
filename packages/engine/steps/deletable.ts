/**
 * Decides what `--target` and `--exclude` allow to be deleted.
 * @module
 */
import type { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { dependencyUrns, type Selection } from "./selection.ts";

/** Returns the named URNs with all their dependents. The list is in topological order. */
function withDependents(resources: readonly ResourceState[], isNamed: (urn: string) => boolean): Set<string> {
  const found = new Set<string>();
  for (const state of resources)
    if (isNamed(state.urn) || dependencyUrns(state).some((urn) => found.has(urn))) found.add(state.urn);
  return found;
}

/**
 * Returns excluded resources with all their dependencies. As in the CLI, `--exclude-dependents` also keeps the dependents of all
 * of these, which includes everything that shares a provider or a parent with them.
 */
function kept(resources: readonly ResourceState[], graph: DependencyGraph, selection: Selection): Set<string> {
  let found = new Set<string>();
  let grown = new Set(resources.filter(({ urn }) => selection.excludes.has(urn)).map(({ urn }) => urn));
  while (grown.size > found.size) {
    found = grown;
    grown = new Set(found);
    for (const state of resources)
      if (found.has(state.urn)) for (const { urn } of graph.transitiveDependenciesOf(state)) grown.add(urn);
    if (selection.flags.excludeDependents) grown = withDependents(resources, (urn) => grown.has(urn));
  }
  return found;
}

/** Returns whether a resource that is no longer registered may be deleted. */
export function deletable(
  resources: readonly ResourceState[],
  graph: DependencyGraph,
  selection: Selection,
): (state: ResourceState) => boolean {
  if (selection.targets.given) {
    const allowed = withDependents(resources, (urn) => selection.targets.has(urn));
    return ({ urn }) => allowed.has(urn);
  }
  if (!selection.excludes.given) return () => true;
  const forbidden = kept(resources, graph, selection);
  return ({ urn }) => !forbidden.has(urn);
}
