import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { somebodyListens, stopDetached } from "../infra/targets/local/detached-process.ts";
import type { Options } from "./options.ts";

/** Everything that the quickstart makes is in here, but for the Python environment. */
export const WORKSPACE = ".quickstart";
const PROCESSES = join(WORKSPACE, "data", "processes");

/** A Pulumi project of its own beside the real one: the same program, other stack files, its own state. */
export async function makeWorkspace(): Promise<void> {
  await mkdir(join(WORKSPACE, "state"), { recursive: true });
  const project = parseDocument(await readFile("Pulumi.yaml", "utf8"));
  project.set("main", "..");
  await writeFile(join(WORKSPACE, "Pulumi.yaml"), project.toString());
  for (const stack of ["staging", "production"])
    await copyFile(`quickstart/Pulumi.${stack}.yaml`, join(WORKSPACE, `Pulumi.${stack}.yaml`));
}

/**
 * Ends what an earlier quickstart left running and removes all that it made. It does not ask the engine, so it works for a
 * run that was cut off anywhere.
 * @returns false when there was nothing
 */
export async function removeWorkspace(): Promise<boolean> {
  if (!existsSync(WORKSPACE)) return false;
  const files = await readdir(PROCESSES).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  // The services first: MLflow may be asked until the end.
  const identities = files
    .filter((file) => file.endsWith(".pid"))
    .sort((a, b) => Number(/mlflow/.test(a)) - Number(/mlflow/.test(b)));
  for (const file of identities) await stopDetached(join(PROCESSES, file));
  await rm(WORKSPACE, { recursive: true, force: true });
  return true;
}

/** Throws an Error that names every port which somebody uses, and the option that sets another. */
export async function requireFreePorts({ ports }: Options): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (await somebodyListens(port))
      taken.push(`port ${port} (${name}) is in use; choose another one: npm run quickstart -- --${name}-port <port>`);
  if (taken.length > 0) throw new Error(taken.join("\n"));
}
