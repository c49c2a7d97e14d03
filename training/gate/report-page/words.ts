import { type CheckResult, MANY_DIGITS } from "../check.ts";

/** Text of a check's row: the same on the page and in the Markdown summary. */
export interface CheckWords {
  readonly outcome: string;
  readonly value: string;
  readonly bound: string;
  readonly interval: string;
}

/** Placeholder for a missing value. */
export const NONE = "–";

export function checkWords({
  outcome,
  required,
  value,
  bound,
  relation,
  interval,
  confidence,
}: CheckResult): CheckWords {
  const text = { pass: "pass", fail: "fail", inconclusive: "inconclusive" }[outcome];
  return {
    outcome: required ? text : `${text} (advisory)`,
    value: value === undefined ? NONE : formatNumber(value),
    bound: bound === undefined ? NONE : `${relation ? `${SIGNS[relation]} ` : ""}${formatNumber(bound)}`,
    interval: interval
      ? `${interval.map(formatNumber).join(" to ")}${confidence === undefined ? "" : ` (${formatNumber(confidence * 100)} %)`}`
      : NONE,
  };
}

const SIGNS = { ">=": "≥", "<=": "≤" } as const;

/** Formats an ISO 8601 time as `2026-05-01 12:00 UTC`. */
export const formatTime = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** Up to five significant digits; integers in full, unless they have too many digits to read. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= MANY_DIGITS) return Number(value.toPrecision(5)).toExponential();
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for HTML, including quoted attributes: names of models, columns and groups are untrusted. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/** Escapes text for a cell of a Markdown table. */
export const escapeCell = (text: string): string =>
  escapeHtml(text)
    .replace(/[\\|`*_[\]]/g, "\\$&")
    .replaceAll("\n", " ");
