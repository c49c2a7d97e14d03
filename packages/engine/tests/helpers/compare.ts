/**
 * What may differ between two runs, and nothing else: the order of things that do not depend on each other.
 * @module
 */

export interface Entry {
  readonly urn: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly delete?: boolean;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, unknown>>;
}

/** Returns all direct and indirect dependencies of each resource. */
export function bindings(states: readonly (readonly Entry[])[]): Map<string, Set<string>> {
  const direct = new Map<string, Set<string>>();
  for (const resource of states.flat()) {
    const known = direct.get(resource.urn) ?? new Set();
    const lists = Object.values(resource.propertyDependencies ?? {}).filter((list) => Array.isArray(list));
    const provider = resource.provider?.slice(0, resource.provider.lastIndexOf("::")) ?? "";
    for (const urn of [...(resource.dependencies ?? []), ...lists.flat(), resource.parent ?? "", provider])
      if (urn !== "") known.add(String(urn));
    direct.set(resource.urn, known);
  }
  for (let grown = true; grown; ) {
    grown = false;
    for (const known of direct.values())
      for (const urn of [...known])
        for (const further of direct.get(urn) ?? [])
          if (!known.has(further)) {
            known.add(further);
            grown = true;
          }
  }
  return direct;
}

/** Pairs of a list in the order in which they stand, restricted to those that are bound. */
export function boundPairs<T>(
  list: readonly T[],
  key: (item: T) => string,
  isBound: (a: string, b: string) => boolean,
): string[] {
  const keys = list.map(key);
  const seen = new Map<string, number>();
  const numbered = keys.map((k) => {
    const n = (seen.get(k) ?? 0) + 1;
    seen.set(k, n);
    return { k, id: `${k}#${n}` };
  });
  const pairs: string[] = [];
  for (const [i, a] of numbered.entries())
    for (const b of numbered.slice(i + 1)) if (isBound(a.k, b.k)) pairs.push(`${a.id} before ${b.id}`);
  return pairs.sort();
}

/** The same entries, in any order. */
export const sorted = <T>(list: readonly T[]): string[] => list.map((item) => JSON.stringify(item)).sort();
