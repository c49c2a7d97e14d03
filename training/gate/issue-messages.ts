import type { z } from "zod";

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/**
 * Explains what is wrong with a value in a settings file, as a predicate for its key: `must be between 0 and 1`, `is missing`.
 * @param got the value; undefined if there is none
 */
export function issueMessage(issue: z.core.$ZodIssue, got: unknown): string {
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
