import type { z } from "zod";
import { shortened } from "./near-name.ts";
import { printable } from "./printable.ts";

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** Marks where a message shows the value, if a reason or a remedy follows. Other messages end with the value. */
const GOT = "{got}";

/** Parameter of a custom issue whose key is wrong whatever its value is; the message then shows no value. */
export const ABOUT_KEY = { params: { aboutKey: true } } as const;

/** Adds a value to a message: `must be between 0 and 1, got 85: shares are written from 0 to 1`. */
export function withValue(message: string, got: unknown, hide?: (text: string) => string): string {
  const value = got === undefined ? "" : `, got ${describeValue(got, hide)}`;
  return message.includes(GOT) ? message.replace(GOT, () => value) : message + value;
}

/**
 * Explains what is wrong with a value in a settings file: `gate.accuracy.min must be a number, got "high"`, `service.port is missing`.
 * @param subject the key, or a name for the whole file
 * @param raw the file's content
 * @param hide removes secrets from a value's JSON
 */
export function describeIssue(
  subject: string,
  issue: z.core.$ZodIssue,
  raw: unknown,
  hide?: (text: string) => string,
): string {
  if (issue.code === "unrecognized_keys") return `${subject} has unknown keys: ${shortened(issue.keys.join(", "))}`;
  const got = valueAt(raw, issue.path);
  const message = issueMessage(issue, got);
  // The message may name a key or class that contains the mark.
  if (issue.code === "custom" && issue.params?.aboutKey === true) return `${subject} ${message}`;
  return `${subject} ${withValue(message, got, hide)}`;
}

/** Longer values are truncated. */
const MAX_LENGTH = 500;
/** Enough to find a password that begins in the displayed part. */
const MAX_SEARCHED = 10_000;

/** Shows any value in one line, also one that JSON cannot represent. */
function describeValue(value: unknown, hide = (text: string) => text): string {
  const text = hide(
    (toJson(value) ?? (typeof value === "object" ? "an object" : `a ${typeof value}`)).slice(0, MAX_SEARCHED),
  );
  return printable(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);
}

/** Returns undefined for functions, cyclic objects and other values without JSON. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function issueMessage(issue: z.core.$ZodIssue, got: unknown): string {
  // zod's own message for a wrong type uses its own type names.
  const own = issue.code === "invalid_type" && issue.message.startsWith("Invalid input");
  if (got === undefined && issue.code !== "custom") return own ? "is missing" : `is missing: ${issue.message}`;
  return own ? `must be ${TYPES[issue.expected] ?? issue.expected}` : issue.message;
}

/** Drops issues that only follow from a misspelled key, such as `must have min or max` next to `mim is not a setting`. */
export function withoutEchoes(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const at = ({ path }: z.core.$ZodIssue) => JSON.stringify(path);
  const misspelt = new Set(issues.filter(({ code }) => code === "unrecognized_keys").map(at));
  return issues.filter((issue) => issue.code !== "custom" || !misspelt.has(at(issue)));
}

/** The value at a path of a settings file; undefined if there is none. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined | null)?.[key];
  return value;
}
