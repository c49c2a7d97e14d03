/**
 * The file backend: stacks and their checkpoints.
 * @module
 */

import { copyFileSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { EXIT, UserError } from "../failure.ts";
import { readText } from "../read-files.ts";
import { replaceFile, replaceFileSync } from "./atomic-file.ts";
import { parseCheckpoint, type RawDeployment } from "./checkpoint.ts";
import { type Layout, qualifiedName, type StackName } from "./layout.ts";

/** Requires layout 1, one folder per project, which the CLI has used since 3.61. Only the CLI can upgrade older backends. */
export function checkMeta(layout: Layout): void {
  if (!existsSync(layout.meta)) {
    const legacy = existsSync(layout.stacks) && readdirSync(layout.stacks).some((name) => name.endsWith(".json"));
    if (!legacy) return;
    throw new UserError(
      `the backend ${layout.root} has the layout of old Pulumi releases: run \`pulumi state upgrade\``,
    );
  }
  const version = /^version:\s*(\d+)\s*$/m.exec(readText(layout.meta, "the backend's metadata"))?.[1];
  if (version !== "1") throw new UserError(`${layout.meta} has version ${version ?? "none"}; version 1 is supported`);
}

const ensureMeta = (layout: Layout) => {
  if (!existsSync(layout.meta)) replaceFileSync(layout.meta, "version: 1\n");
};

export const stackExists = (layout: Layout, name: StackName): boolean => existsSync(layout.checkpoint(name));

/** Requires the backend's folder: only `stack init` creates it, so for other verbs a missing folder means a wrong URL. */
function requireFolder(folder: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  throw new UserError(
    `unable to open state directory ${folder}: ${stat ? "it is not a folder" : "it does not exist"}. ` +
      "Check PULUMI_BACKEND_URL",
  );
}

export function requireStack(layout: Layout, name: StackName): void {
  requireFolder(layout.folder);
  checkMeta(layout);
  if (!stackExists(layout, name))
    throw new UserError(`no stack named '${name.stack}' found`, { exitCode: EXIT.stackNotFound });
}

export function loadDeployment(layout: Layout, name: StackName): RawDeployment {
  const file = layout.checkpoint(name);
  return parseCheckpoint(readCheckpointText(layout, name), file);
}

export const readCheckpointText = (layout: Layout, name: StackName): string =>
  readText(layout.checkpoint(name), "the checkpoint");

/** Returns a function that saves checkpoints. The first save of a run backs up the previous one as `.bak`. */
export function checkpointSaver(layout: Layout, name: StackName): (contents: Buffer) => Promise<void> {
  const file = layout.checkpoint(name);
  let backedUp = false;
  return async (contents) => {
    if (!backedUp) await copyFile(file, `${file}.bak`).catch(() => undefined);
    backedUp = true;
    await replaceFile(file, contents);
  };
}

export function saveCheckpointSync(layout: Layout, name: StackName, contents: Buffer): void {
  const file = layout.checkpoint(name);
  if (existsSync(file)) copyFileSync(file, `${file}.bak`);
  replaceFileSync(file, contents);
}

export function createStack(layout: Layout, name: StackName, contents: Buffer): void {
  checkMeta(layout);
  if (stackExists(layout, name)) throw new UserError(`stack '${qualifiedName(name)}' already exists`);
  ensureMeta(layout);
  replaceFileSync(layout.checkpoint(name), contents);
}

export function removeStackFiles(layout: Layout, name: StackName): void {
  const file = layout.checkpoint(name);
  // As with the CLI, the last checkpoint is kept as a backup.
  copyFileSync(file, `${file}.bak`);
  rmSync(file);
  rmSync(layout.history(name), { recursive: true, force: true });
}

export function listStacks(layout: Layout): StackName[] {
  checkMeta(layout);
  const folder = (path: string) => (existsSync(path) ? readdirSync(path, { withFileTypes: true }) : []);
  return folder(layout.stacks)
    .filter((entry) => entry.isDirectory())
    .flatMap((project) =>
      folder(`${layout.stacks}/${project.name}`)
        .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
        .map((entry) => ({ project: project.name, stack: entry.name.slice(0, -".json".length) })),
    )
    .sort((a, b) => (qualifiedName(a) < qualifiedName(b) ? -1 : 1));
}
