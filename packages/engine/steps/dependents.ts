/**
 * Delete before replace: dependents that must be deleted with a resource, because they would be replaced anyway.
 * @module
 */
import { type PropertyMap, Unknown } from "../properties/value.ts";
import type { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { parseProviderReference } from "../resources/urn.ts";

export interface DependentReplacement {
  readonly resource: ResourceState;
  readonly keys: readonly string[];
}

/** Returns whether these inputs would replace the resource, according to its provider. */
export type WouldReplace = (
  resource: ResourceState,
  inputs: PropertyMap,
) => Promise<{ readonly replace: boolean; readonly keys: readonly string[] }>;

/** Returns a resource's inputs, with properties that depend on deleted resources unknown; undefined if there are none. */
function inputsAfterDeletion(resource: ResourceState, gone: ReadonlySet<string>): PropertyMap | undefined {
  let touched = false;
  const inputs = Object.fromEntries(
    Object.entries(resource.inputs).map(([key, value]) => {
      const depends = (resource.propertyDependencies?.[key] ?? []).some((urn) => gone.has(urn));
      touched ||= depends;
      return [key, depends ? new Unknown() : value];
    }),
  );
  return touched ? inputs : undefined;
}

export async function dependentReplacements(
  root: ResourceState,
  graph: DependencyGraph,
  /** Resources that this run has already registered, which no longer depend on the old one. */
  registered: ReadonlySet<string>,
  wouldReplace: WouldReplace,
): Promise<DependentReplacement[]> {
  const found: DependentReplacement[] = [];
  const gone = new Set([root.urn]);
  for (const resource of graph.dependingOn(root, registered)) {
    if (!resource.custom || resource.external) continue;
    if (resource.provider !== "" && gone.has(parseProviderReference(resource.provider).urn)) {
      found.push({ resource, keys: [] });
      gone.add(resource.urn);
      continue;
    }
    const inputs = inputsAfterDeletion(resource, gone);
    if (!inputs) continue;
    const { replace, keys } = await wouldReplace(resource, inputs);
    if (!replace) continue;
    found.push({ resource, keys });
    gone.add(resource.urn);
  }
  return found;
}
