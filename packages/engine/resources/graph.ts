/**
 * The dependency graph of a list of resources. The list is in topological order: dependencies come first.
 * @module
 */

import { dependenciesOf, type ResourceState } from "./state.ts";
import { parseProviderReference } from "./urn.ts";

const providerUrn = (state: ResourceState) =>
  state.provider === "" ? undefined : parseProviderReference(state.provider).urn;

export class DependencyGraph {
  readonly #resources: readonly ResourceState[];
  readonly #index = new Map<ResourceState, number>();
  readonly #byUrn = new Map<string, number[]>();
  readonly #children = new Map<string, number[]>();

  constructor(resources: readonly ResourceState[]) {
    this.#resources = resources;
    resources.forEach((state, i) => {
      this.#index.set(state, i);
      push(this.#byUrn, state.urn, i);
      if (state.parent !== "") push(this.#children, state.parent, i);
    });
  }

  contains(state: ResourceState): boolean {
    return this.#index.has(state);
  }

  /** Returns all direct and indirect dependents of `root`, in topological order. */
  dependingOn(root: ResourceState, ignore: ReadonlySet<string>): ResourceState[] {
    const dependents: ResourceState[] = [];
    const set = new Set([root.urn]);
    for (const candidate of this.#resources.slice((this.#index.get(root) ?? -1) + 1)) {
      if (ignore.has(candidate.urn)) continue;
      const depends =
        dependenciesOf(candidate).some(({ kind, urn }) => kind !== "parent" && set.has(urn)) ||
        set.has(providerUrn(candidate) ?? "");
      if (!depends) continue;
      dependents.push(candidate);
      set.add(candidate.urn);
    }
    return dependents;
  }

  /** Returns direct dependencies: named resources with the descendants of components, provider and parent. */
  dependenciesOf(state: ResourceState): Set<ResourceState> {
    const found = new Set<ResourceState>();
    const cursor = this.#index.get(state) ?? this.#resources.length;
    const add = (i: number) => {
      const resource = this.#resources[i];
      if (i < cursor && resource) found.add(resource);
    };
    const named = new Set(dependenciesOf(state).flatMap(({ kind, urn }) => (kind === "parent" ? [] : [urn])));
    const provider = providerUrn(state);
    if (provider !== undefined) named.add(provider);
    for (const urn of named) {
      for (const i of this.#byUrn.get(urn) ?? []) {
        if (i >= cursor) continue;
        add(i);
        if (this.#resources[i]?.custom === false) for (const child of this.#descendants(urn)) add(child);
      }
    }
    for (const i of this.#byUrn.get(state.parent) ?? []) add(i);
    return found;
  }

  #descendants(urn: string): number[] {
    return (this.#children.get(urn) ?? []).flatMap((i) => [i, ...this.#descendants(this.#resources[i]?.urn ?? "")]);
  }

  /** Returns all direct and indirect dependencies. */
  transitiveDependenciesOf(state: ResourceState): Set<ResourceState> {
    const found = new Set<ResourceState>();
    const visit = (next: ResourceState) => {
      for (const dependency of this.dependenciesOf(next)) {
        if (found.has(dependency)) continue;
        found.add(dependency);
        visit(dependency);
      }
    };
    visit(state);
    return found;
  }
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

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
