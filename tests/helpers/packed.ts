import { execFile } from "node:child_process";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export interface Packed {
  readonly filename: string;
  /** Size of the tarball, bytes. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Runs `npm pack`, which builds the package first. */
export async function packInto(folder: string): Promise<Packed> {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { maxBuffer: 2 ** 24 });
  const [packed] = Object.values<Packed>(JSON.parse(stdout));
  if (packed === undefined) throw new Error(`npm pack printed ${stdout}`);
  return packed;
}

/** A row of the sample model, of class 1. */
const ROW = [0.3, -0.7, 1.1, 0.4, -0.2, 0.9, -1.3, 0.1, 0.5, -0.6];

/** Asks the example's service on a port, and returns status and body. */
export async function predictSample(port: number): Promise<[number, unknown]> {
  const answer = await fetch(`http://127.0.0.1:${port}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ features: [ROW] }),
  });
  return [answer.status, await answer.json()];
}

/** Creates a Pulumi project with the unpacked package in its node_modules; its dependencies are linked from the checkout. */
export async function installPacked(folder: string, tarball: string): Promise<void> {
  const modules = join(folder, "node_modules");
  const own = join(modules, "model-promotion");
  await mkdir(own, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", own, "--strip-components=1"]);
  for (const entry of await readdir("node_modules"))
    if (!entry.startsWith(".")) await symlink(resolve("node_modules", entry), join(modules, entry));
}
