/** ISO 8601 as pandas, databases and JavaScript write it, year first. Without a zone it is UTC. */
const DATETIME =
  /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(?:Z|UTC|([+-])(\d{2})(?::?(\d{2}))?))?)?$/;
export const DATETIME_EXPECTED = "a date and time such as 2026-01-31T12:00:00Z";
const MONTHS = "January February March April May June July August September October November December".split(" ");

/** Parses an ISO 8601 date or datetime. @returns microseconds since 1970-01-01T00:00:00Z, or a message that says what is wrong */
export function readDatetime(text: string): bigint | string {
  const quoted = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  const parts = DATETIME.exec(text);
  if (!parts) return `must be ${DATETIME_EXPECTED}, not ${quoted}`;
  const number = (group: number) => Number(parts[group] ?? 0);
  const [year, month, day] = [number(1), number(3), number(4)];
  const wrong = dayFault(year, month, day);
  if (wrong) return `must be a valid date, not ${quoted}: ${wrong}`;
  const [hour, minute, second, fraction = "", sign] = [number(5), number(6), number(7), parts[8], parts[9]];
  const [hours, minutes] = [number(10), number(11)];
  if (hour > 23 || minute > 59 || second > 59 || hours > 23 || minutes > 59)
    return `must be a valid time, not ${quoted}`;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const offset = (sign === "-" ? -1 : 1) * (hours * 60 + minutes);
  const seconds = date.getTime() / 1000 + hour * 3600 + (minute - offset) * 60 + second;
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

/** Checks the day, because Date moves an invalid day, such as February 30, into the next month. */
function dayFault(year: number, month: number, day: number): string | undefined {
  const name = MONTHS[month - 1];
  if (year === 0) return "there is no year 0";
  if (name === undefined) return `there is no month ${month}`;
  const date = new Date(0);
  // The last day of this month. Date.UTC would map years up to 99 to the 20th century.
  date.setUTCFullYear(year, month, 0);
  const days = date.getUTCDate();
  return day >= 1 && day <= days ? undefined : `${name} ${year} has ${days} days`;
}

/** Parses like readDatetime; undefined if the string is invalid. */
export function microsOf(text: string): bigint | undefined {
  const read = readDatetime(text);
  return typeof read === "string" ? undefined : read;
}

/** Formats an instant as ISO 8601 in UTC, with a fraction only if it has one. @param micros since 1970-01-01T00:00:00Z */
export function instantText(micros: bigint): string {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1_000n)).toISOString().slice(0, 19);
  return rest === 0n ? `${seconds}Z` : `${seconds}.${String(rest).padStart(6, "0")}Z`;
}
