const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Parses a moment: a point in time with its zone, or a day, which stands for its end in UTC.
 * @returns ISO 8601, UTC
 * @throws Error for anything else, and for a day that does not exist
 */
export function parseMoment(text: string): string {
  const isDay = DAY.test(text);
  const time = Date.parse(isDay ? `${text}T23:59:59.999Z` : text);
  if (!(isDay || TIME.test(text)) || Number.isNaN(time))
    throw new Error(
      `--at ${text} is not a valid time: use a day (2026-05-01) or a time with its zone (2026-05-01T12:00:00Z)`,
    );
  const day = text.slice(0, 10);
  // Date parses 30 February as 2 March.
  if (new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    throw new Error(`--at ${text} is not a valid time: ${day} does not exist`);
  return new Date(time).toISOString();
}
