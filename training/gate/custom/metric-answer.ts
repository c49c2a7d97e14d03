/** The value, and optionally the interval, that a metric's command printed. */
export interface MetricAnswer {
  readonly value: number;
  readonly interval?: readonly [number, number];
}

const MAX_SHOWN = 200;

/**
 * Reads a command's last non-empty line: `{"value": 0.93, "interval": [0.9, 0.95]}`, where the interval is optional.
 * @returns a string that explains why the line is not valid
 */
export function metricAnswer(stdout: string): MetricAnswer | string {
  const line = stdout.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? "";
  if (line === "") return 'printed nothing; its last line must be {"value": <number>}';
  const shown = line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    // Python's json module writes NaN and Infinity, which are not JSON.
    const reason = /\b(?:NaN|Infinity)\b/.test(line) ? "has a value that is not a finite number" : "is not JSON";
    return `printed a last line that ${reason}: ${shown}`;
  }
  const { value, interval } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (typeof value !== "number" || !Number.isFinite(value))
    return `printed a last line without a "value" that is a finite number: ${shown}`;
  if (interval === undefined || interval === null) return { value };
  if (!isInterval(interval)) return `printed an "interval" that is not [low, high]: ${shown}`;
  // Rejected because the interval's end may be compared with the bound instead of the value.
  if (value < interval[0] || value > interval[1])
    return `printed an "interval" that does not contain its "value": ${shown}`;
  return { value, interval };
}

const isInterval = (given: unknown): given is readonly [number, number] =>
  Array.isArray(given) && given.length === 2 && given.every(Number.isFinite) && given[0] <= given[1];
