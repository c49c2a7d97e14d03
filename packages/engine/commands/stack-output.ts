/**
 * `stack output`: shows the outputs of a stack, or one of them.
 * @module
 */
import { outputsJson } from "../display/digest.ts";
import { UserError } from "../failure.ts";
import type { Json } from "../properties/stored.ts";
import { isRootStack } from "../resources/urn.ts";
import { SecretMask } from "../secrets/mask.ts";
import { flag, parseArguments } from "./arguments.ts";
import { Context } from "./context.ts";
import { readSnapshot } from "./open-stack.ts";
import { printJson, printTable } from "./table.ts";

export async function output(args: readonly string[]): Promise<number> {
  const table = { json: { kind: "boolean", short: "j" }, "show-secrets": { kind: "boolean" } } as const;
  const parsed = parseArguments(args, table, "stack output");
  const [wanted, ...more] = parsed.positional;
  if (more.length > 0) throw new UserError("stack output takes one name at most");
  const context = new Context(parsed);
  const name = context.stack();
  const { resources } = await readSnapshot(context.layout, name, undefined, new SecretMask());
  const outputs = resources.find((state) => isRootStack(state.urn) && !state.delete)?.outputs ?? {};
  // Even a single secret output is shown only with --show-secrets.
  const values = outputsJson(outputs, flag(parsed, "show-secrets"));
  if (wanted !== undefined) {
    if (!Object.hasOwn(values, wanted)) throw new UserError(`current stack does not have output property '${wanted}'`);
    if (flag(parsed, "json")) printJson(values[wanted]);
    else process.stdout.write(`${asText(values[wanted] ?? null)}\n`);
  } else if (flag(parsed, "json")) printJson(values);
  else printOutputs(values);
  return 0;
}

const asText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

export function printOutputs(values: { [key: string]: Json }): void {
  const keys = Object.keys(values).sort();
  process.stdout.write(`Current stack outputs (${keys.length}):\n`);
  if (keys.length === 0) process.stdout.write("    No output values currently in this stack\n");
  else
    printTable(
      ["OUTPUT", "VALUE"],
      keys.map((key) => [key, asText(values[key] ?? null)]),
      "    ",
    );
}
