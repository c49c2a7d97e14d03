/** ISO 8601, as pandas and JavaScript write it; without a zone it is UTC. */
const DATETIME = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?)?$/;
export const DATETIME_EXPECTED = "a date and time such as 2026-01-31T12:00:00Z";
const MONTHS = "January February March April May June July August September October November December".split(" ");

/** Microseconds since 1970-01-01T00:00:00Z, or what is wrong with the text. */
export function readDatetime(text: string): bigint | string {
  const quoted = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  const [, year, month, day, time = "00:00", fraction = "", zone = "Z"] = DATETIME.exec(text) ?? [];
  if (year === undefined) return `must be ${DATETIME_EXPECTED}, not ${quoted}`;
  const wrong = dayFault(Number(year), Number(month), Number(day));
  if (wrong) return `must be a date that exists, not ${quoted}: ${wrong}`;
  const ms = Date.parse(`${year}-${month}-${day}T${time}${zone}`);
  if (Number.isNaN(ms)) return `must be a time that exists, not ${quoted}`;
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

/** Date.parse takes a day up to 31 for one of the following month. */
function dayFault(year: number, month: number, day: number): string | undefined {
  const name = MONTHS[month - 1];
  if (name === undefined) return `there is no month ${month}`;
  const date = new Date(0);
  // The day before the first one of the next month. Date.UTC would take the years to 99 for those of the 20th century.
  date.setUTCFullYear(year, month, 0);
  const days = date.getUTCDate();
  return day >= 1 && day <= days ? undefined : `${name} ${year} has ${days} days`;
}

/** The same; undefined for a text that is not a date or a date and time. */
export function microsOf(text: string): bigint | undefined {
  const read = readDatetime(text);
  return typeof read === "string" ? undefined : read;
}

/** Writes an instant as ISO 8601 in UTC, with a fraction only where it has one. @param micros since 1970-01-01T00:00:00Z */
export function instantText(micros: bigint): string {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1_000n)).toISOString().slice(0, 19);
  return rest === 0n ? `${seconds}Z` : `${seconds}.${String(rest).padStart(6, "0")}Z`;
}
