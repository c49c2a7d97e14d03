/**
 * Parses durations in Go's format, `1h2m3.5s`, to seconds.
 * @module
 */
import { UserError } from "../failure.ts";

const UNITS: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text)
    throw new UserError(`unable to parse customTimeout value "${text}" (like "90s" or "5m")`);
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ""] ?? 0), 0);
}
