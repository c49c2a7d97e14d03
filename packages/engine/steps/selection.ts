/**
 * Selects the resources of an operation, by `--target`, `--exclude`, `--replace` and taint.
 * @module
 */
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { isProviderType, isRootStack, parseProviderReference } from "../resources/urn.ts";
import { UrnTargets } from "./urn-targets.ts";

export interface SelectionFlags {
  readonly targets: readonly string[];
  readonly targetDependents: boolean;
  readonly excludes: readonly string[];
  readonly excludeDependents: boolean;
  readonly replaces: readonly string[];
}
export const EVERYTHING: SelectionFlags = {
  targets: [],
  targetDependents: false,
  excludes: [],
  excludeDependents: false,
  replaces: [],
};

/** Returns the URNs of all dependencies, including the provider. */
export const dependencyUrns = (state: ResourceState): string[] => [
  ...dependenciesOf(state).map(({ urn }) => urn),
  ...(state.provider === "" ? [] : [parseProviderReference(state.provider).urn]),
];

/** The selection of one operation. Dependents join as they are recorded, so resources must be processed in topological order. */
export class Selection {
  readonly flags: SelectionFlags;
  readonly targets: UrnTargets;
  readonly excludes: UrnTargets;
  readonly replaces: UrnTargets;
  readonly #targeted: UrnTargets;
  readonly #excluded: UrnTargets;

  constructor(flags: SelectionFlags) {
    this.flags = flags;
    this.targets = new UrnTargets(flags.targets);
    this.excludes = new UrnTargets(flags.excludes);
    this.replaces = new UrnTargets(flags.replaces);
    this.#targeted = new UrnTargets(flags.targets);
    this.#excluded = new UrnTargets(flags.excludes);
  }

  /** Whether the operation may touch the resource. Providers and the stack itself are always part of it. */
  includes(state: ResourceState): boolean {
    if (isProviderType(state.type) || isRootStack(state.urn)) return true;
    return this.targets.given ? this.#isTargeted(state) : !this.#isExcluded(state);
  }

  /** Records a resource, so that its dependents are treated in the same way. */
  record(state: ResourceState, included: boolean): void {
    if (!included && this.#isExcluded(state)) this.#excluded.add(state.urn);
    else if (included && this.targets.given && this.#isTargeted(state)) this.#targeted.add(state.urn);
  }

  /** Whether the resource is replaced, whatever its provider says. */
  isReplaced(urn: string, old: ResourceState | undefined): boolean {
    return this.replaces.has(urn) || old?.taint === true;
  }

  #isTargeted(state: ResourceState): boolean {
    if (this.targets.has(state.urn)) return true;
    return this.flags.targetDependents && dependencyUrns(state).some((urn) => this.#targeted.has(urn));
  }

  #isExcluded(state: ResourceState): boolean {
    if (this.excludes.has(state.urn)) return true;
    return this.flags.excludeDependents && dependencyUrns(state).some((urn) => this.#excluded.has(urn));
  }
}
