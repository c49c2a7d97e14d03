import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { sep } from "node:path";

/** SHA-256 digests of files by path. */
export type Digests = Readonly<Record<string, string>>;

/** Computes the SHA-256 of each part of a command that is a file, for the report. */
export async function commandDigests(command: readonly string[]): Promise<Digests> {
  const found = await Promise.all(
    command.map(async (part) => {
      const bytes = await readFile(part).catch(() => undefined);
      return bytes ? ([part, createHash("sha256").update(bytes).digest("hex")] as const) : undefined;
    }),
  );
  return Object.fromEntries(found.filter((one) => one !== undefined));
}

interface Commands {
  readonly custom?: Readonly<Record<string, { readonly command: readonly (string | number)[] }>> | undefined;
}

/**
 * Computes the SHA-256 of the project's files in the commands of custom metrics, sorted by path. Omits programs outside the project, such as an
 * interpreter, because they differ between machines.
 * @returns undefined for a policy without custom metrics
 */
export async function scriptDigests({ custom }: Commands): Promise<Digests | undefined> {
  if (!custom || Object.keys(custom).length === 0) return undefined;
  const parts = new Set(Object.values(custom).flatMap(({ command }) => command.map(String)));
  const project = `${await realpath(".")}${sep}`;
  const own = await Promise.all(
    [...parts].sort().map(async (part) => {
      // Resolves links, because a virtual environment's interpreter is outside the project.
      const path = await realpath(part).catch(() => "");
      return path.startsWith(project) ? [part] : [];
    }),
  );
  return commandDigests(own.flat());
}

/** Formats digests as text, so that a preview shows how they differ. */
export const scriptsText = (digests: Digests | undefined): string | undefined =>
  digests &&
  Object.entries(digests)
    .map(([path, sha256]) => `${path} sha256 ${sha256}`)
    .join(", ");
