/**
 * The decisions of a run so far, by resource.
 * @module
 */
import type { ResourceState } from "../resources/state.ts";

export class Decisions {
  readonly urns = new Set<string>();
  readonly reads = new Set<string>();
  readonly creates = new Set<string>();
  readonly sames = new Set<string>();
  readonly updates = new Set<string>();
  readonly replaces = new Set<string>();
  readonly deletes = new Set<string>();
  /** Resources that are not created because the operation does not target them. */
  readonly skippedCreates = new Set<string>();
  /** Resources, not URNs, whose deletion has been planned. */
  readonly pendingDeletes = new Set<ResourceState>();
  /** Properties for which a dependent was deleted before its replacement. */
  readonly dependentKeys = new Map<string, readonly string[]>();
  /** From an old URN to the resource that claimed it. */
  readonly claimedBy = new Map<string, string>();
  /** From a resource to the old URN under which it was found. */
  readonly aliasOf = new Map<string, string>();

  /** Whether this run keeps the resource; all others are deleted at the end. */
  isOperatedOn(urn: string): boolean {
    const current = this.claimedBy.get(urn) ?? urn;
    return [this.sames, this.updates, this.replaces, this.reads].some((set) => set.has(current));
  }

  isDecided(urn: string): boolean {
    const sets = [this.creates, this.sames, this.updates, this.deletes, this.replaces, this.reads];
    return sets.some((set) => set.has(urn));
  }

  /** Returns all URNs with a decision. */
  decided(): Set<string> {
    return new Set([...this.reads, ...this.creates, ...this.sames, ...this.updates, ...this.deletes, ...this.replaces]);
  }
}
