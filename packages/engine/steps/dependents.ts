/**
 * Delete before replace: who must go with a resource, because it would be replaced anyway.
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

/** Asks the provider whether these inputs would replace the resource. */
export type WouldReplace = (
  resource: ResourceState,
  inputs: PropertyMap,
) => Promise<{ readonly replace: boolean; readonly keys: readonly string[] }>;

/** The inputs of a resource with every property unknown that comes from a resource which is about to go. */
export function inputsAfterDeletion(resource: ResourceState, gone: ReadonlySet<string>): PropertyMap | undefined {
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
  /** Already registered in this run: such a resource cannot lean on the old one any more. */
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
