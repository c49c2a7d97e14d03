import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What is searched for, by the name of the secret. */
export type Canaries = Readonly<Record<string, string>>;

/** Names of the secrets that stand in a text or in bytes, plain or as base64. */
export function found(canaries: Canaries, text: string | Buffer): string[] {
  return Object.entries(canaries)
    .filter(
      ([, canary]) =>
        text.includes(canary) || text.includes(Buffer.from(canary).toString("base64").replace(/=+$/, "").slice(0, -2)),
    )
    .map(([name]) => name);
}

/** The same for every file below a folder: the files that were searched, and `file: secret`. */
export async function foundInFiles(canaries: Canaries, folder: string): Promise<{ files: string[]; found: string[] }> {
  const hits: string[] = [];
  const files: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A server may remove its own files meanwhile.
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    files.push(path.slice(folder.length));
    hits.push(...found(canaries, content).map((name) => `${path.slice(folder.length)}: ${name}`));
  }
  return { files, found: hits };
}

/** Looks at the command lines of all processes again and again, as anybody on the machine can. */
export function watchProcesses(canaries: Canaries) {
  const hits = new Set<string>();
  let looks = 0;
  const look = () => {
    looks++;
    for (const pid of readdirSync("/proc")) {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        for (const name of found(canaries, line)) hits.add(`${name} in ${line.replaceAll("\0", " ").slice(0, 60)}`);
      } catch {
        // It has ended.
      }
    }
  };
  const timer = setInterval(look, 30);
  return {
    stop: () => {
      clearInterval(timer);
      return { looks, found: [...hits] };
    },
  };
}
