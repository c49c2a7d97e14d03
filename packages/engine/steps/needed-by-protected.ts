import { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";

/** Returns protected resources with all their dependencies, including providers and the stack, which a destroy must keep. */
export function neededByProtected(resources: readonly ResourceState[]): ReadonlySet<ResourceState> {
  const graph = new DependencyGraph(resources);
  const needed = new Set<ResourceState>();
  for (const state of resources.filter(({ protect }) => protect)) {
    needed.add(state);
    for (const dependency of graph.transitiveDependenciesOf(state)) needed.add(dependency);
  }
  return needed;
}
