const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Reads a moment: a day (its end, UTC: what the day left in production) or a point in time with its zone.
 * @returns ISO 8601, UTC
 * @throws Error for anything else
 */
export function parseMoment(text: string): string {
  const time = Date.parse(DAY.test(text) ? `${text}T23:59:59.999Z` : text);
  const hasZone = DAY.test(text) || /(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (Number.isNaN(time) || !hasZone)
    throw new Error(
      `--at ${text} is no moment: give a day (2026-05-01) or a time with its zone (2026-05-01T12:00:00Z)`,
    );
  return new Date(time).toISOString();
}
