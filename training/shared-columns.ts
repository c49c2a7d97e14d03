import type { Snapshot } from "./snapshot.ts";

/**
 * Two snapshots with the columns that both have, in one order. Either may have more, such as one that groups are made of and that
 * the model does not take. A text says what differs when each has columns that the other lacks.
 */
export function sharedColumns(first: Snapshot, second: Snapshot): readonly [Snapshot, Snapshot] | string {
  const both = first.columns.filter((name) => second.columns.includes(name));
  if (both.length === Math.min(first.columns.length, second.columns.length))
    return [withColumns(first, both), withColumns(second, both)];
  const more = ({ path, columns }: Snapshot) => `only ${path} has ${columns.filter((name) => !both.includes(name))}`;
  return `${more(first)}, ${more(second)}`;
}

/** With just these columns, which it has, in this order. */
export function withColumns(snapshot: Snapshot, columns: readonly string[]): Snapshot {
  const { features, rows } = snapshot;
  const width = snapshot.columns.length;
  const places = columns.map((name) => snapshot.columns.indexOf(name));
  if (width === places.length && places.every((place, column) => place === column)) return snapshot;
  const picked = new Float64Array(rows * places.length);
  for (let row = 0; row < rows; row++)
    for (const [column, place] of places.entries())
      picked[row * places.length + column] = features[row * width + place] as number;
  return { ...snapshot, columns, features: picked };
}
