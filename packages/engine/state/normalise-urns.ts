/**
 * Updates references to renamed resources when the state is written.
 * @module
 */
import type { ResourceState } from "../resources/state.ts";
import {
  formatProviderReference,
  isRootStack,
  makeUrn,
  nameOf,
  parseProviderReference,
  qualifiedTypeOf,
  typeOf,
} from "../resources/urn.ts";

/** Maps old URNs to new ones; undefined if nothing was renamed. */
function renames(resources: readonly ResourceState[]): Map<string, string> | undefined {
  if (resources.every((state) => state.aliases.length === 0)) return undefined;
  const renamed = new Map<string, string>();
  for (const state of resources) {
    for (const alias of state.aliases) renamed.set(alias, state.urn);
    const parent = renamed.get(state.parent);
    if (parent === undefined || isRootStack(parent)) continue;
    const [head = "", project = ""] = state.urn.split("::");
    const stack = head.slice("urn:pulumi:".length);
    renamed.set(state.urn, makeUrn(stack, project, qualifiedTypeOf(parent), typeOf(state.urn), nameOf(state.urn)));
  }
  return renamed;
}

/** Returns the list with all references updated to current URNs; the same list if nothing was renamed. */
export function normaliseUrns(resources: readonly ResourceState[]): readonly ResourceState[] {
  const renamed = renames(resources);
  if (!renamed) return resources;
  const fix = (urn: string) => renamed.get(urn) ?? urn;
  return resources.map((state) => {
    const provider = state.provider === "" ? undefined : parseProviderReference(state.provider);
    const deps = state.propertyDependencies;
    return {
      ...state,
      urn: fix(state.urn),
      parent: fix(state.parent),
      provider: provider ? formatProviderReference({ urn: fix(provider.urn), id: provider.id }) : "",
      dependencies: state.dependencies.map(fix),
      propertyDependencies: deps && Object.fromEntries(Object.entries(deps).map(([key, urns]) => [key, urns.map(fix)])),
      deletedWith: fix(state.deletedWith),
      replaceWith: state.replaceWith.map(fix),
      aliases: [],
    };
  });
}
