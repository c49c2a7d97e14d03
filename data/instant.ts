/** ISO 8601, as pandas and JavaScript write it; without a zone it is UTC. */
const DATETIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Microseconds since 1970-01-01T00:00:00Z; undefined for a text that is not a date or a date and time. */
export function microsOf(text: string): bigint | undefined {
  const [, day, time = "00:00", fraction = "", zone = "Z"] = DATETIME.exec(text) ?? [];
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

/** Writes an instant as ISO 8601 in UTC, with a fraction only where it has one. @param micros since 1970-01-01T00:00:00Z */
export function instantText(micros: bigint): string {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1_000n)).toISOString().slice(0, 19);
  return rest === 0n ? `${seconds}Z` : `${seconds}.${String(rest).padStart(6, "0")}Z`;
}
