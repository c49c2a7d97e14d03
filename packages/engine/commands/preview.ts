/**
 * `preview`: shows what an update would do. Takes no lock and changes nothing.
 * @module
 */
import { parseArguments } from "./arguments.ts";
import { DEPLOY_FLAGS, Deploy, exitCode } from "./deploy.ts";
import { SELECTION_FLAGS } from "./selection-flags.ts";

export async function preview(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, { ...DEPLOY_FLAGS, ...SELECTION_FLAGS.preview }, "preview");
  const deploy = new Deploy(parsed, "update");
  return deploy.run(async (runs) => exitCode(parsed, await deploy.operate(runs, true), true), false);
}
