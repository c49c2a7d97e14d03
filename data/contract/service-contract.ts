import type { DataContract } from "./data-contract.ts";

/**
 * DATA_CONTRACT of a service: the rules that one row can break, as JSON. Row count, uniqueness and a share of missing values are of whole snapshots. Empty
 * where nothing is left.
 */
export function serviceContractText({ columns }: DataContract): string {
  const kept = Object.entries(columns).flatMap(([name, { unique: _, missing, ...rules }]) => {
    const ofRow = { ...rules, ...(missing === 0 && { missing }) };
    return Object.keys(ofRow).length > 0 ? [[name, ofRow] as const] : [];
  });
  return kept.length > 0 ? JSON.stringify({ columns: Object.fromEntries(kept) }) : "";
}
