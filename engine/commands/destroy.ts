/**
 * `destroy`: deletes every resource of a stack, in the order that their dependencies allow.
 * @module
 */
import { existsSync, rmSync } from "node:fs";
import { removeStackFiles } from "../state/backend.ts";
import { flag, parseArguments } from "./arguments.ts";
import { confirm, DEPLOY_FLAGS, Deploy } from "./deploy.ts";

export async function destroy(args: readonly string[]): Promise<number> {
  const { "expect-no-changes": _expect, ...flags } = DEPLOY_FLAGS;
  const table = {
    ...flags,
    "skip-preview": { kind: "boolean", short: "f" },
    "preview-only": { kind: "boolean" },
    remove: { kind: "boolean" },
  } as const;
  const parsed = parseArguments(args, table, "destroy");
  const only = flag(parsed, "preview-only");
  const skip = flag(parsed, "skip-preview") && !only;
  if (!skip && !only && !process.stdout.isTTY) await confirm(parsed, "destroy", " or --skip-preview");
  const deploy = new Deploy(parsed, "destroy");
  const code = await deploy.run(async (runs) => {
    if (!skip) {
      const preview = await deploy.operate(runs, true);
      if (preview.failed || only) return preview.failed ? 1 : 0;
      await confirm(parsed, "destroy", " or --skip-preview");
    }
    return (await deploy.operate(runs, false)).failed ? 1 : 0;
  }, true);
  if (code !== 0 || only) return code;
  const { context, name } = deploy;
  // Documents are not followed by words.
  const say = (text: string) => void (flag(parsed, "json") || process.stdout.write(text));
  if (!flag(parsed, "remove")) {
    say(
      "The resources in the stack have been deleted, but the history and configuration associated with the stack are still maintained.\n" +
        `If you want to remove the stack completely, run \`pulumi stack rm ${name.stack}\`.\n`,
    );
    return 0;
  }
  removeStackFiles(context.layout, name);
  const file = context.configFile(name);
  if (existsSync(file)) rmSync(file);
  say("The resources in the stack have been deleted, and the stack has been removed.\n");
  return 0;
}
