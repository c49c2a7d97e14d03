/**
 * `refresh`: reads every resource and updates the state.
 * @module
 */
import { flag, parseArguments } from "./arguments.ts";
import { confirm, DEPLOY_FLAGS, Deploy, exitCode } from "./deploy.ts";
import { SELECTION_FLAGS } from "./selection-flags.ts";

export async function refresh(args: readonly string[]): Promise<number> {
  const table = {
    ...DEPLOY_FLAGS,
    ...SELECTION_FLAGS.refresh,
    "skip-preview": { kind: "boolean", short: "f" },
    "preview-only": { kind: "boolean" },
  } as const;
  const parsed = parseArguments(args, table, "refresh");
  const only = flag(parsed, "preview-only");
  const skip = flag(parsed, "skip-preview") && !only;
  if (!skip && !only && !process.stdout.isTTY) await confirm(parsed, "refresh", " or --skip-preview");
  const deploy = new Deploy(parsed, "refresh");
  return deploy.run(async (runs) => {
    if (!skip) {
      const preview = await deploy.operate(runs, true);
      if (preview.failed || only) return exitCode(parsed, preview, true);
      await confirm(parsed, "refresh", " or --skip-preview");
    }
    return exitCode(parsed, await deploy.operate(runs, false), false);
  }, true);
}
