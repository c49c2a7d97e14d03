import type { DataContract } from "./data-contract.ts";

/**
 * Returns DATA_CONTRACT of a service: the rules that a single row can break, as JSON. Row count, uniqueness and shares of missing values need whole
 * snapshots. Empty if no rule is left.
 */
export function serviceContractText({ columns }: DataContract): string {
  const kept = Object.entries(columns).flatMap(([name, { unique: _, missing, ...rules }]) => {
    const ofRow = { ...rules, ...(missing === 0 && { missing }) };
    return Object.keys(ofRow).length > 0 ? [[name, ofRow] as const] : [];
  });
  return kept.length > 0 ? JSON.stringify({ columns: Object.fromEntries(kept) }) : "";
}
