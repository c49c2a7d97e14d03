import { type RunOptions, runPulumi } from "./pulumi-run.ts";

const KEY = "promotion.version";

/** A stack's `promotion.version`; undefined where its config does not say it. */
export async function readVersionSetting(stack: string, options: RunOptions): Promise<string | undefined> {
  const args = ["config", "get", "--path", KEY, "--stack", stack];
  const { exitCode, output } = await runPulumi(args, { ...options, quiet: true });
  const value = output.trim().split("\n").at(-1) ?? "";
  return exitCode === 0 && /^\d+$/.test(value) ? value : undefined;
}

/** Puts it back. */
export async function writeVersionSetting(stack: string, version: string | undefined, options: RunOptions) {
  const change = version === undefined ? ["rm", "--path", KEY] : ["set", "--path", KEY, version];
  const { exitCode, output } = await runPulumi(["config", ...change, "--stack", stack], { ...options, quiet: true });
  if (exitCode !== 0) throw new Error(`${KEY} of stack ${stack} could not be put back:\n${output.trim()}`);
}
