import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensurePythonVenv } from "../../infra/targets/local/python-venv.mjs";
import { type PEERS, type PeerName, peerContender } from "./contenders.ts";
import type { Contender } from "./processes.ts";

/** Listed in .gitignore. */
const FOLDER = ".venv-bench";

/** Creates a peer's Python environment with the newest versions and returns how to start it. Throws if it cannot be installed. */
export async function preparePeer(
  { name, requirements }: (typeof PEERS)[number],
  modelFolder: string,
  log: (line: string) => void,
): Promise<Contender & { readonly name: PeerName; readonly python: string }> {
  const python = await ensurePeer(requirements, log);
  return { ...peerContender(name, dirname(python), modelFolder), name, python };
}

/** Returns the path of the interpreter of an environment with these packages. Throws if it cannot be created. */
export async function ensurePeer(requirements: readonly string[], log: (line: string) => void): Promise<string> {
  const text = `${requirements.join("\n")}\n`;
  const key = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const file = join(FOLDER, `${key}.txt`);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(file, text);
  return ensurePythonVenv({ folder: join(FOLDER, key), requirements: [file], log });
}
