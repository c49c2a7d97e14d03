/**
 * `stack`: shows the resources and outputs of a stack.
 * @module
 */
import { outputsJson } from "../display/digest.ts";
import { isRootStack, nameOf } from "../resources/urn.ts";
import { SecretMask } from "../secrets/mask.ts";
import { flag, parseArguments } from "./arguments.ts";
import { Context } from "./context.ts";
import { readSnapshot } from "./open-stack.ts";
import { printOutputs } from "./stack-output.ts";
import { printTable } from "./table.ts";

export async function show(args: readonly string[]): Promise<number> {
  const table = {
    "show-urns": { kind: "boolean", short: "u" },
    "show-secrets": { kind: "boolean" },
    "show-name": { kind: "boolean" },
  } as const;
  const parsed = parseArguments(args, table, "stack");
  const context = new Context(parsed);
  const name = context.stack();
  if (flag(parsed, "show-name")) {
    process.stdout.write(`${name.stack}\n`);
    return 0;
  }
  const { resources, pendingOperations } = await readSnapshot(context.layout, name, undefined, new SecretMask());
  process.stdout.write(`Current stack is ${name.stack}:\nCurrent stack resources (${resources.length}):\n`);
  const row = (state: (typeof resources)[number]) =>
    flag(parsed, "show-urns")
      ? [state.type, state.urn]
      : [state.type, nameOf(state.urn) + (state.delete ? " (to be deleted)" : "")];
  printTable(["TYPE", flag(parsed, "show-urns") ? "URN" : "NAME"], resources.map(row), "    ");
  for (const { resource, type } of pendingOperations)
    process.stdout.write(`    interrupted while ${type}: ${resource.urn}\n`);
  const outputs = resources.find((state) => isRootStack(state.urn) && !state.delete)?.outputs ?? {};
  process.stdout.write("\n");
  printOutputs(outputsJson(outputs, flag(parsed, "show-secrets")));
  return 0;
}
