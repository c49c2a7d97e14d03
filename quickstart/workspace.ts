import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseDocument } from "yaml";
import { isListening, stopDetached } from "../infra/targets/local/detached-process.ts";
import type { Options } from "./options.ts";

/** Everything that the quickstart creates is in here, except the Python environment. */
export const WORKSPACE = ".quickstart";

/** Where the processes of a workspace keep their data. */
export const dataFolderOf = (workspace: string): string => join(workspace, "data");

/** Where a workspace keeps its state. */
export const stateFolderOf = (workspace: string): string => join(workspace, "state");

/**
 * Creates a separate Pulumi project: the same program, other stack files, its own state.
 * @param stackFiles folder with the files of the stacks staging and production
 */
export async function makeWorkspace(workspace = WORKSPACE, stackFiles = "quickstart"): Promise<void> {
  await mkdir(stateFolderOf(workspace), { recursive: true });
  const project = parseDocument(await readFile("Pulumi.yaml", "utf8"));
  project.set("main", relative(workspace, "."));
  await writeFile(join(workspace, "Pulumi.yaml"), project.toString());
  for (const stack of ["staging", "production"])
    await copyFile(join(stackFiles, `Pulumi.${stack}.yaml`), join(workspace, `Pulumi.${stack}.yaml`));
}

/**
 * Stops the processes of a workspace and removes its contents. It does not use the engine, so it also works for
 * an interrupted run.
 * @returns false if there was nothing
 */
export async function removeWorkspace(workspace = WORKSPACE): Promise<boolean> {
  if (!existsSync(workspace)) return false;
  const processes = join(dataFolderOf(workspace), "processes");
  const files = await readdir(processes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  // The services first, because they may call MLflow until they exit.
  const identities = files
    .filter((file) => file.endsWith(".pid"))
    .sort((a, b) => Number(/mlflow/.test(a)) - Number(/mlflow/.test(b)));
  for (const file of identities) await stopDetached(join(processes, file));
  await rm(workspace, { recursive: true, force: true });
  return true;
}

/** Throws an Error that names every port in use, and the option that sets another. */
export async function requireFreePorts({ ports }: Pick<Options, "ports">): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (await isListening(port))
      taken.push(`port ${port} (${name}) is in use; choose another: npm run quickstart -- --${name}-port <port>`);
  if (taken.length > 0) throw new Error(taken.join("\n"));
}
