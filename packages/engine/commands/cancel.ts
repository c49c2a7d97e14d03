/**
 * `cancel`: removes the locks of a stack, such as one left by a killed process.
 * @module
 */
import { removeLocks } from "../state/lock.ts";
import { parseArguments } from "./arguments.ts";
import { Context } from "./context.ts";
import { confirm } from "./deploy.ts";

export async function cancel(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, {}, "cancel");
  const context = new Context(parsed);
  const name = context.stack(parsed.positional[0]);
  await confirm(parsed, "cancel");
  const count = removeLocks(context.layout, name);
  process.stdout.write(
    count === 0
      ? `The stack '${name.stack}' has no update in progress.\n`
      : `The currently running update for '${name.stack}' has been canceled!\n`,
  );
  return 0;
}
