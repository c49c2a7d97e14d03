import { Output, RunError } from "@pulumi/pulumi";
import { z } from "zod";
import { describeIssue, valueAt, withoutEchoes } from "../../data/issue-messages.ts";
import { unknownKeyIn } from "../../training/gate/nearest-key.ts";
import { hidePasswords } from "../mlflow-settings.ts";

/**
 * Validates the arguments of a function for other people's programs, which compile them without TypeScript or read them from config.
 * @param name the function's name, for the message
 * @throws RunError that names every wrong argument and its value
 */
export function parseArguments<Schema extends z.ZodType>(name: string, schema: Schema, args: unknown) {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const problems = withoutEchoes(parsed.error.issues).flatMap((issue) => problemsOf(schema, issue, args));
  throw new RunError(problems.map((problem) => `${name}: ${problem}`).join("\n"));
}

function problemsOf(schema: z.ZodType, issue: z.core.$ZodIssue, args: unknown): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const { problem, nearest } = unknownKeyIn(schema, issue.path, key);
      return nearest === undefined ? problem : `${problem}. ${nearest}`;
    });
  const key = z.core.toDotPath(issue.path);
  if (Output.isInstance(valueAt(args, issue.path)))
    return [`${key} must be a plain value, not an Output: the target reads it before any resource exists`];
  return [describeIssue(key || "the argument", issue, args, hidePasswords)];
}
