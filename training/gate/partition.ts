import { type Group, type GroupedRows, type Grouping, groupsOf } from "./groups.ts";

export interface Partition {
  readonly groups: readonly Group[];
  /** Groups that the reference has and these rows do not. */
  readonly absent: readonly string[];
}

/** More are no groups but measurements, even of two columns. */
export const MAX_CROSSED = 100;

/**
 * Parts the rows by one column, or by several crossed: a group for each combination that a row has, or that the policy asks for. A text says why that
 * cannot be done.
 * @param reference whose combinations are looked for; columns that it does not have, and groups at quantiles, cannot be
 */
export function partition(
  snapshot: GroupedRows,
  groupings: readonly Grouping[],
  reference?: GroupedRows,
): Partition | string {
  const groups = crossed(snapshot, groupings);
  if (typeof groups === "string") return groups;
  if (groups.length > MAX_CROSSED)
    return `${groupings.map(({ column }) => column).join(" and ")} of ${snapshot.path} make ${groups.length} groups, and at most ${MAX_CROSSED} can be judged: take fewer categories or cuts`;
  const known = new Set(groups.map(({ name }) => name));
  const theirs = reference && groupings.every(({ quantiles }) => !quantiles) ? crossed(reference, groupings) : [];
  const absent =
    typeof theirs === "string" ? [] : theirs.filter(({ name, rows }) => rows.length > 0 && !known.has(name));
  return { groups, absent: absent.map(({ name }) => name) };
}

function crossed(snapshot: GroupedRows, groupings: readonly Grouping[]): readonly Group[] | string {
  let groups: readonly Group[] | undefined;
  for (const grouping of groupings) {
    const next = groupsOf(snapshot, grouping);
    if (typeof next === "string") return next;
    groups = groups ? cross(groups, next, snapshot.table.rows) : next;
  }
  return groups ?? [];
}

function cross(some: readonly Group[], others: readonly Group[], rows: number): Group[] {
  const otherOf = new Int32Array(rows);
  for (const [place, other] of others.entries()) for (const row of other.rows) otherOf[row] = place;
  return some.flatMap((one) => {
    const members = others.map((): number[] => []);
    for (const row of one.rows) members[otherOf[row] as number]?.push(row);
    return others.flatMap((other, place): Group[] => {
      const rowsOfBoth = members[place] as number[];
      const isAsked = one.isAsked && other.isAsked;
      if (rowsOfBoth.length === 0 && !isAsked) return [];
      return [{ name: `${one.name}, ${other.name}`, rows: rowsOfBoth, ...(isAsked && { isAsked }) }];
    });
  });
}
