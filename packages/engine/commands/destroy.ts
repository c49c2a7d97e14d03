/**
 * `destroy`: deletes every resource of a stack, in dependency order.
 * @module
 */
import { existsSync, rmSync } from "node:fs";
import { UserError } from "../failure.ts";
import { neededByProtected } from "../resources/graph.ts";
import { loadDeployment, removeStackFiles } from "../state/backend.ts";
import { flag, list, parseArguments } from "./arguments.ts";
import { confirm, DEPLOY_FLAGS, Deploy, type Runs } from "./deploy.ts";
import { SELECTION_FLAGS } from "./selection-flags.ts";

export async function destroy(args: readonly string[]): Promise<number> {
  const { "expect-no-changes": _expect, ...flags } = DEPLOY_FLAGS;
  const table = {
    ...flags,
    ...SELECTION_FLAGS.destroy,
    "skip-preview": { kind: "boolean", short: "f" },
    "preview-only": { kind: "boolean" },
    remove: { kind: "boolean" },
  } as const;
  const parsed = parseArguments(args, table, "destroy");
  const only = flag(parsed, "preview-only");
  const skip = flag(parsed, "skip-preview") && !only;
  if (!skip && !only && !process.stdout.isTTY) await confirm(parsed, "destroy", " or --skip-preview");
  const deploy = new Deploy(parsed, "destroy");
  // With --json, only the document is printed.
  const print = (text: string) => void (flag(parsed, "json") || process.stdout.write(text));
  let kept = 0;
  const code = await deploy.run(async (runs) => {
    if (flag(parsed, "exclude-protected")) {
      kept = await excludeProtected(deploy, runs, print);
      if (kept < 0) return 0;
    }
    if (!skip) {
      const preview = await deploy.operate(runs, true);
      if (preview.failed || only) return preview.failed ? 1 : 0;
      await confirm(parsed, "destroy", " or --skip-preview");
    }
    return (await deploy.operate(runs, false)).failed ? 1 : 0;
  }, true);
  if (code !== 0 || only || kept < 0 || list(parsed, "target").length > 0) return code;
  if (kept > 0)
    print(
      `All unprotected resources were destroyed. There are still ${kept} protected resources associated with this stack.\n`,
    );
  else if (flag(parsed, "remove")) remove(deploy, print);
  else
    print(
      "The resources in the stack have been deleted, but the history and configuration associated with the stack are still maintained.\n" +
        `If you want to remove the stack completely, run \`pulumi stack rm ${deploy.name.stack}\`.\n`,
    );
  return 0;
}

/** Excludes protected resources. Returns how many are kept; negative if there are no others. */
async function excludeProtected(deploy: Deploy, runs: Runs, print: (text: string) => void): Promise<number> {
  const { resources } = await deploy.snapshot(runs);
  const needed = neededByProtected(resources);
  deploy.exclude([...needed].map(({ urn }) => urn));
  if (needed.size === 0 || needed.size < resources.length) return needed.size;
  print(
    `There were no unprotected resources to destroy. There are still ${needed.size} protected resources associated with this stack.\n`,
  );
  return -needed.size;
}

function remove({ context, name }: Deploy, print: (text: string) => void): void {
  if (loadDeployment(context.layout, name).resources.length > 0)
    throw new UserError(`'${name.stack}' still has resources; removal rejected`);
  removeStackFiles(context.layout, name);
  const file = context.configFile(name);
  if (existsSync(file)) rmSync(file);
  print("The resources in the stack have been deleted, and the stack has been removed.\n");
}
