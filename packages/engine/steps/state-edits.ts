/**
 * The edits of the `state` verb: each returns the new list of resources.
 * @module
 */
import { UserError } from "../failure.ts";
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { nameOf, parseProviderReference } from "../resources/urn.ts";
import { similarNames } from "../similar-names.ts";

const HOW_TO_LIST =
  "To list the resource URNs in the stack, run `pulumi stack --show-urns`; to inspect the full state, run `pulumi stack export`.";

function notFound(resources: readonly ResourceState[], urn: string): string {
  const similar = similarNames([...new Set(resources.map((state) => state.urn))], urn);
  const hint = similar.length === 0 ? [] : ["Did you mean:", ...similar.map((other) => `  ${other}`)];
  return [`No such resource ${JSON.stringify(urn)} exists in the current state`, ...hint, HOW_TO_LIST].join("\n");
}

export type Mark = "taint" | "protect";

/** Sets or removes a mark, on all resources if no URNs are given. Resources pending deletion are not changed. */
export function mark(
  resources: readonly ResourceState[],
  urns: readonly string[] | undefined,
  name: Mark,
  value: boolean,
): ResourceState[] {
  const eligible = resources.filter((state) => !state.delete);
  const missing = (urns ?? []).filter((urn) => !eligible.some((state) => state.urn === urn));
  if (missing.length > 0) throw new UserError(missing.map((urn) => notFound(eligible, urn)).join("\n"));
  const named = urns && new Set(urns);
  return resources.map((state) =>
    state.delete || (named && !named.has(state.urn)) ? state : { ...state, [name]: value },
  );
}

/** Returns all resources with a direct or indirect reference to the resource that would break without it. */
export function dependentsOf(resources: readonly ResourceState[], removed: ResourceState): ResourceState[] {
  const at = resources.indexOf(removed);
  const lost = new Set([removed]);
  // Several resources may share a URN; a reference to it is valid as long as one of them remains.
  const isBroken = (urn: string, before: number) => {
    const holders = resources.slice(0, before).filter((state) => state.urn === urn);
    return holders.length > 0 && holders.every((state) => lost.has(state));
  };
  for (const [i, state] of resources.entries()) {
    if (i <= at) continue;
    const provider = state.provider === "" ? undefined : parseProviderReference(state.provider);
    const lostProvider = [...lost].some(({ urn, id }) => urn === provider?.urn && id === provider.id);
    if (lostProvider || dependenciesOf(state).some(({ urn }) => isBroken(urn, i))) lost.add(state);
  }
  lost.delete(removed);
  return [...lost];
}

export interface DeleteOptions {
  readonly targetDependents: boolean;
  /** Also deletes protected resources, and reports them. */
  readonly force: boolean;
}

export interface Deleted {
  readonly left: readonly ResourceState[];
  /** Protected resources that were deleted. */
  readonly forced: readonly string[];
}

/** Removes resources from the state, dependents first. */
export function forget(
  resources: readonly ResourceState[],
  toRemove: readonly ResourceState[],
  { targetDependents, force }: DeleteOptions,
): Deleted {
  let left = resources;
  const forced: string[] = [];
  const requireUnprotected = ({ urn, protect }: ResourceState) => {
    if (!protect) return;
    if (!force)
      throw new UserError(
        `${urn} can't be safely deleted because it is protected. Re-run this command with --force to force deletion`,
      );
    forced.push(urn);
  };
  for (const state of [...resources].reverse()) {
    if (!toRemove.includes(state) || !left.includes(state)) continue;
    requireUnprotected(state);
    const dependents = dependentsOf(left, state);
    if (dependents.length > 0 && !targetDependents) throw new UserError(inUse(state, dependents));
    for (const dependent of dependents) requireUnprotected(dependent);
    left = left.filter((other) => other !== state && !dependents.includes(other));
  }
  return { left, forced };
}

const inUse = ({ urn }: ResourceState, dependents: readonly ResourceState[]) =>
  [
    `${urn} can't be safely deleted because the following resources depend on it:`,
    ...dependents.map((state) => ` * ${JSON.stringify(nameOf(state.urn)).padEnd(15)} (${state.urn})`),
    "",
    "Delete those resources first or pass --target-dependents.",
  ].join("\n");

/** Returns the one resource with a URN. @throws UserError if there is none, or more than one */
export function locate(resources: readonly ResourceState[], urn: string): ResourceState {
  if (!/^urn:pulumi:[^:]*::[^:]*::[^:]+(:[^:]+)*::./.test(urn))
    throw new UserError(`${JSON.stringify(urn)} is not a valid resource URN\n${HOW_TO_LIST}`);
  const found = resources.filter((state) => state.urn === urn);
  const [only, ...others] = found;
  if (!only) throw new UserError(notFound(resources, urn));
  if (others.length > 0)
    throw new UserError(
      `Resource URN ambiguously referred to multiple resources. Did you mean:\n${found.map(({ id }) => `  ${id}\n`).join("")}`,
    );
  return only;
}
