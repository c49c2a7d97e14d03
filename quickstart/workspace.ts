import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseDocument } from "yaml";
import { isListening, stopDetached } from "../infra/targets/local/detached-process.ts";
import type { Options } from "./options.ts";

/** Folder of everything that the quickstart creates, except the Python environment. */
export const WORKSPACE = ".quickstart";

/** Returns the folder where a workspace's processes keep their data. */
export const dataFolderOf = (workspace: string): string => join(workspace, "data");

/** Returns the folder where a workspace keeps its Pulumi state. */
export const stateFolderOf = (workspace: string): string => join(workspace, "state");

/**
 * Creates a separate Pulumi project with the same program, other stack files and its own state.
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
 * Stops the processes of a workspace and removes its contents. Does not use the engine, so it also works after an interrupted run.
 * @returns false if there was no workspace
 */
export async function removeWorkspace(workspace = WORKSPACE): Promise<boolean> {
  if (!existsSync(workspace)) return false;
  const processes = join(dataFolderOf(workspace), "processes");
  const files = await readdir(processes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  // Services stop first, because they may call MLflow until they exit.
  const identities = files
    .filter((file) => file.endsWith(".pid"))
    .sort((a, b) => Number(/mlflow/.test(a)) - Number(/mlflow/.test(b)));
  for (const file of identities) await stopDetached(join(processes, file));
  await rm(workspace, { recursive: true, force: true });
  return true;
}

/** @throws Error that names every port in use and the option that sets another */
export async function requireFreePorts({ ports }: Pick<Options, "ports">): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (await isListening(port))
      taken.push(`port ${port} (${name}) is in use; choose another: npm run quickstart -- --${name}-port <port>`);
  if (taken.length > 0) throw new Error(taken.join("\n"));
}
