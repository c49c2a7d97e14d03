import { type Group, type GroupedRows, type Grouping, groupsOf } from "./groups.ts";

export interface Partition {
  readonly groups: readonly Group[];
  /** Groups that the reference has and these rows lack. */
  readonly absent: readonly string[];
}

/** Columns with more combinations are measurements, not groupings. */
const MAX_CROSSED = 100;

/**
 * Groups the rows by one column, or by several crossed ones: one group per combination that occurs or that the policy lists. A string explains why that
 * is impossible.
 * @param reference to look for missing combinations; columns that it lacks, and quantile groups, are exempt
 */
export function partition(
  snapshot: GroupedRows,
  groupings: readonly Grouping[],
  reference?: GroupedRows,
): Partition | string {
  const groups = crossed(snapshot, groupings);
  if (typeof groups === "string") return groups;
  if (groups.length > MAX_CROSSED)
    return `${groupings.map(({ column }) => column).join(" and ")} of ${snapshot.path} make ${groups.length} groups, but the limit is ${MAX_CROSSED}: use fewer categories or cuts`;
  const names = new Set(groups.map(({ name }) => name));
  const theirs = reference && groupings.every(({ quantiles }) => !quantiles) ? crossed(reference, groupings) : [];
  const absent =
    typeof theirs === "string" ? [] : theirs.filter(({ name, rows }) => rows.length > 0 && !names.has(name));
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
  for (const [index, other] of others.entries()) for (const row of other.rows) otherOf[row] = index;
  return some.flatMap((one) => {
    const members = others.map((): number[] => []);
    for (const row of one.rows) members[otherOf[row] as number]?.push(row);
    return others.flatMap((other, index): Group[] => {
      const rowsOfBoth = members[index] as number[];
      const isListed = one.isListed && other.isListed;
      if (rowsOfBoth.length === 0 && !isListed) return [];
      return [{ name: `${one.name}, ${other.name}`, rows: rowsOfBoth, ...(isListed && { isListed }) }];
    });
  });
}
