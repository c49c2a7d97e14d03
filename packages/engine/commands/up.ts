/**
 * `up`: previews and runs an update. `preview`: only the former.
 * @module
 */
import { flag, parseArguments } from "./arguments.ts";
import { confirm, DEPLOY_FLAGS, Deploy, exitCode } from "./deploy.ts";
import { SELECTION_FLAGS } from "./selection-flags.ts";

export async function up(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    args,
    { ...DEPLOY_FLAGS, ...SELECTION_FLAGS.up, "skip-preview": { kind: "boolean", short: "f" } },
    "up",
  );
  const skip = flag(parsed, "skip-preview");
  // Reported before anything starts.
  if (!skip && !process.stdout.isTTY) await confirm(parsed, "update", " or --skip-preview");
  const deploy = new Deploy(parsed, "update");
  return deploy.run(async (runs) => {
    if (!skip) {
      const preview = await deploy.operate(runs, true);
      if (preview.failed) return 1;
      await confirm(parsed, "update", " or --skip-preview");
    }
    return exitCode(parsed, await deploy.operate(runs, false), false);
  }, true);
}

/** `preview`: shows what an update would do. Takes no lock and changes nothing. */
export async function preview(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, { ...DEPLOY_FLAGS, ...SELECTION_FLAGS.preview }, "preview");
  const deploy = new Deploy(parsed, "update");
  return deploy.run(async (runs) => exitCode(parsed, await deploy.operate(runs, true), true), false);
}
