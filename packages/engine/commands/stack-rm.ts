/**
 * `stack rm`: removes an empty stack, its history and its config.
 * @module
 */
import { existsSync, rmSync } from "node:fs";
import { UserError } from "../failure.ts";
import { ROOT_STACK_TYPE } from "../resources/urn.ts";
import { loadDeployment, removeStackFiles } from "../state/backend.ts";
import { takeLock } from "../state/lock.ts";
import { flag, parseArguments } from "./arguments.ts";
import { Context } from "./context.ts";
import { confirm } from "./deploy.ts";

export async function rm(args: readonly string[]): Promise<number> {
  const table = { force: { kind: "boolean", short: "f" }, "preserve-config": { kind: "boolean" } } as const;
  const parsed = parseArguments(args, table, "stack rm");
  const context = new Context(parsed);
  const name = context.stack(parsed.positional[0]);
  await confirm(parsed, "removal");
  const lock = takeLock(context.layout, name);
  try {
    if (!flag(parsed, "force")) {
      const { resources } = loadDeployment(context.layout, name);
      const left = resources.filter((entry) => (entry as { type?: unknown }).type !== ROOT_STACK_TYPE);
      if (left.length > 0)
        throw new UserError(
          `'${name.stack}' still has resources; removal rejected. Run \`destroy\` first, or pass --force to forget them`,
        );
    }
    removeStackFiles(context.layout, name);
  } finally {
    lock.release();
  }
  if (context.hasProject && !flag(parsed, "preserve-config")) {
    const file = context.configFile(name);
    if (existsSync(file)) rmSync(file);
    const selected = context.selected();
    if (selected?.stack === name.stack && selected.project === name.project) context.select(undefined);
  }
  process.stdout.write(`Stack '${name.stack}' has been removed!\n`);
  return 0;
}
