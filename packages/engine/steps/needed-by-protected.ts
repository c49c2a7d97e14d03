import { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";

/** The protected resources with all that they lean on, providers and the stack among it: what a destroy has to spare. */
export function neededByProtected(resources: readonly ResourceState[]): ReadonlySet<ResourceState> {
  const graph = new DependencyGraph(resources);
  const needed = new Set<ResourceState>();
  for (const state of resources.filter(({ protect }) => protect)) {
    needed.add(state);
    for (const dependency of graph.transitiveDependenciesOf(state)) needed.add(dependency);
  }
  return needed;
}
