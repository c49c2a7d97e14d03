/**
 * What `--target` and `--exclude` leave to be deleted.
 * @module
 */
import type { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { type Selection, urnsLeanedOn } from "./selection.ts";

/** The URNs with all that leans on them. The list is in topological order. */
function withDependents(resources: readonly ResourceState[], isNamed: (urn: string) => boolean): Set<string> {
  const found = new Set<string>();
  for (const state of resources)
    if (isNamed(state.urn) || urnsLeanedOn(state).some((urn) => found.has(urn))) found.add(state.urn);
  return found;
}

/**
 * What is excluded stays, and all that it leans on. With `--exclude-dependents` whatever leans on any of these stays as well,
 * which is all that shares a provider or a parent with them: the CLI does so.
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

/** Whether a resource may go that nothing asks for any more. */
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
