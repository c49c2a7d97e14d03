/**
 * Diffs of two property maps: paths, each with the kind of change. Null counts as absent.
 * @module
 */
import { formatPath, type Path } from "./path.ts";
import { isList, isMap, type PropertyMap, type Value } from "./value.ts";
import { equal } from "./walk.ts";

export type ChangeKind = "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";
interface PropertyDiff {
  readonly kind: ChangeKind;
  readonly inputDiff: boolean;
}
export type DetailedDiff = Readonly<Record<string, PropertyDiff>>;

const absent = (value: Value | undefined) => value === undefined || value === null;

function* changes(path: Path, old: Value | undefined, next: Value | undefined): Generator<readonly [Path, ChangeKind]> {
  if (absent(old) && absent(next)) return;
  if (isMap(old) && isMap(next)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
      const own = (map: PropertyMap) => (Object.hasOwn(map, key) ? map[key] : undefined);
      yield* changes([...path, key], own(old), own(next));
    }
  } else if (isList(old) && isList(next)) {
    for (let i = 0; i < Math.max(old.length, next.length); i++) {
      if (i >= old.length) yield [[...path, i], "add"];
      else if (i >= next.length) yield [[...path, i], "delete"];
      else yield* changes([...path, i], old[i], next[i]);
    }
  } else if (absent(old)) yield [path, "add"];
  else if (absent(next)) yield [path, "delete"];
  else if (!equal(old, next)) yield [path, "update"];
}

/** Returns every changed path. */
export const diffPaths = (old: PropertyMap, next: PropertyMap): (readonly [Path, ChangeKind])[] => [
  ...changes([], old, next),
];

export const detailedDiff = (old: PropertyMap, next: PropertyMap, inputDiff: boolean): DetailedDiff =>
  Object.fromEntries(diffPaths(old, next).map(([path, kind]) => [formatPath(path), { kind, inputDiff }]));

/** Returns the changed top-level keys, sorted. */
export const changedKeys = (old: PropertyMap, next: PropertyMap): string[] =>
  [...new Set(diffPaths(old, next).map(([path]) => String(path[0])))].sort();

export const isReplace = (kind: ChangeKind): boolean => kind.endsWith("-replace");
export const asReplace = (kind: ChangeKind): ChangeKind => (isReplace(kind) ? kind : (`${kind}-replace` as ChangeKind));
/** Inverts a change: what an update would add, a refresh has found missing. */
export const invert = (kind: ChangeKind): ChangeKind =>
  (kind.startsWith("add")
    ? kind.replace("add", "delete")
    : kind.startsWith("delete")
      ? kind.replace("delete", "add")
      : kind) as ChangeKind;

export const formatDiffPaths = (paths: readonly (readonly [Path, ChangeKind])[]): string[] =>
  paths.map(([path]) => formatPath(path));
