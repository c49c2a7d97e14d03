/**
 * Decides whether an unchanged resource must be written, because something changed that its provider does not see.
 * @module
 */
import { equal } from "../properties/walk.ts";
import type { ResourceState } from "../resources/state.ts";

const sameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && [...a].sort().join("\n") === [...b].sort().join("\n");

const PLAIN = ["urn", "type", "custom", "retainOnDelete", "provider", "parent", "deletedWith", "protect"] as const;

export function mustWriteSame(old: ResourceState, next: ResourceState): boolean {
  if (PLAIN.some((key) => old[key] !== next[key])) return true;
  if (JSON.stringify(old.customTimeouts ?? {}) !== JSON.stringify(next.customTimeouts ?? {})) return true;
  if (!sameSet(old.replaceWith, next.replaceWith) || !sameSet(old.dependencies, next.dependencies)) return true;
  if (!equal(old.inputs, next.inputs) || !equal(old.outputs ?? null, next.outputs ?? null)) return true;
  const [before, after] = [old.propertyDependencies ?? {}, next.propertyDependencies ?? {}];
  const keys = Object.keys(before);
  return (
    keys.length !== Object.keys(after).length ||
    keys.some((key) => !after[key] || !sameSet(before[key] ?? [], after[key]))
  );
}
