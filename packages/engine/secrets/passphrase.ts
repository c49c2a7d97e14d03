/**
 * Reads the passphrase.
 * @module
 */
import { readFileSync } from "node:fs";
import { UserError } from "../failure.ts";

export function readPassphrase(env: NodeJS.ProcessEnv): string {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return env.PULUMI_CONFIG_PASSPHRASE;
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file === undefined || file === "")
    throw new UserError(
      "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    );
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UserError(`unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${file}`, { cause: error });
  }
}
