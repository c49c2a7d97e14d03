/**
 * Checks a checkpoint's integrity: all references exist, and every resource comes after its dependencies.
 * @module
 */
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { isProviderType } from "../resources/urn.ts";

const KINDS: Record<string, string> = {
  parent: "parent",
  dependency: "dependency",
  property: "property dependency",
  deletedWith: "deleted-with resource",
  replaceWith: "replaced-with resource",
};

/** Describes the first problem; undefined if there is none. */
export function findIntegrityProblem(resources: readonly ResourceState[]): string | undefined {
  const seen = new Set<string>();
  const providers = new Set<string>();
  const live = new Set<string>();
  for (const [i, state] of resources.entries()) {
    if (!state.custom && state.id !== "") return `resource ${state.urn} has "custom" false but an id`;
    if (isProviderType(state.type)) providers.add(`${state.urn}::${state.id}`);
    if (state.provider !== "" && !providers.has(state.provider) && !state.pendingReplacement)
      return `resource ${state.urn} refers to unknown provider ${state.provider}`;
    for (const { kind, urn } of dependenciesOf(state)) {
      if (seen.has(urn)) continue;
      const later = resources.slice(i + 1).some((other) => other.urn === urn);
      return `resource ${state.urn}: its ${KINDS[kind]} ${urn} ${later ? "comes after it" : "is missing"}`;
    }
    seen.add(state.urn);
    if (!state.delete && live.has(state.urn)) return `duplicate resource ${state.urn} (not marked for deletion)`;
    if (!state.delete) live.add(state.urn);
  }
  return undefined;
}
