/**
 * Applies a resource's options to its diff.
 * @module
 */
import { asReplace, isReplace } from "../properties/diff.ts";
import { parsePath, pathContains, readPath } from "../properties/path.ts";
import { Secret, Unknown, type Value } from "../properties/value.ts";
import { containsUnknowns, equal, rewrite } from "../properties/walk.ts";
import type { DiffResult } from "../providers/provider.ts";

/** Name of initialization errors in `replaceOnChanges`. */
const INIT_ERROR = "#initerror";

/** Applies `replaceOnChanges`: changes at the named paths require a replacement. */
export function replaceOnChanges(diff: DiffResult, texts: readonly string[], hasInitErrors: boolean): DiffResult {
  if (diff.changes !== "some" && !hasInitErrors) return diff;
  // As with the CLI, a malformed path stops the run.
  const paths = texts.map(readPath);
  const named = (text: string) => {
    const path = parsePath(text);
    return path !== undefined && paths.some((wanted) => pathContains(wanted, path));
  };
  const detailedDiff =
    diff.detailedDiff &&
    Object.fromEntries(
      Object.entries(diff.detailedDiff).map(([path, change]) => [
        path,
        named(path) ? { ...change, kind: asReplace(change.kind) } : change,
      ]),
    );
  const replaceKeys = new Set([...diff.replaceKeys, ...diff.changedKeys.filter(named)]);
  if (!hasInitErrors || !named(INIT_ERROR)) return { ...diff, detailedDiff, replaceKeys: [...replaceKeys] };
  return {
    ...diff,
    changes: "some",
    replaceKeys: [...replaceKeys.add(INIT_ERROR)],
    detailedDiff: detailedDiff && { ...detailedDiff, [INIT_ERROR]: { kind: "update-replace", inputDiff: false } },
  };
}

export const requiresReplacement = (diff: DiffResult): boolean =>
  diff.replaceKeys.length > 0 || Object.values(diff.detailedDiff ?? {}).some(({ kind }) => isReplace(kind));

/** Applies `replacementTrigger`: whether the trigger changed. An unknown one counts as changed; a missing one never triggers. */
export function isTriggered(next: Value, old: Value): boolean {
  const bare = (value: Value) => rewrite(value, (v) => (v instanceof Secret ? v.element : v));
  if (next instanceof Unknown || containsUnknowns(next) || containsUnknowns(old)) return true;
  if (next === null || old === null) return false;
  return !equal(bare(next), bare(old));
}
