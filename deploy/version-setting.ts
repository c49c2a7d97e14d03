import { type RunOptions, runPulumi } from "./pulumi-run.ts";

const KEY = "promotion.version";

/** Returns a stack's `promotion.version`; undefined if its config does not set it. */
export async function readVersionSetting(stack: string, options: RunOptions): Promise<string | undefined> {
  const value = await readSetting(stack, KEY, options);
  return value !== undefined && /^\d+$/.test(value) ? value : undefined;
}

/** Returns a value of a stack's config, decrypted if necessary; undefined if it is not set, or the engine cannot read it. */
export async function readSetting(stack: string, key: string, options: RunOptions): Promise<string | undefined> {
  const args = ["config", "get", "--path", key, "--stack", stack];
  const { exitCode, output } = await runPulumi(args, { ...options, quiet: true });
  return exitCode === 0 ? output.trim().split("\n").at(-1) : undefined;
}

/** Restores the former value of `promotion.version`. */
export async function writeVersionSetting(stack: string, version: string | undefined, options: RunOptions) {
  const change = version === undefined ? ["rm", "--path", KEY] : ["set", "--path", KEY, version];
  const { exitCode, output } = await runPulumi(["config", ...change, "--stack", stack], { ...options, quiet: true });
  if (exitCode !== 0) throw new Error(`${KEY} of stack ${stack} could not be restored:\n${output.trim()}`);
}
