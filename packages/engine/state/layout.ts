/**
 * The layout of a file backend, as of `pulumi login file://<folder>`.
 * @module
 */

import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { needsPulumiCli, UserError } from "../failure.ts";

/** A stack by its full name. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}
/** File backends have a single organization. */
const ORGANIZATION = "organization";
export const qualifiedName = ({ project, stack }: StackName): string => `${ORGANIZATION}/${project}/${stack}`;

/** Parses `stack`, `organization/stack` or `organization/project/stack`. */
export function parseStackName(text: string, currentProject: string | undefined): StackName {
  const parts = text.split("/");
  const stack = parts.at(-1) ?? "";
  if (parts.length > 3 || !/^[A-Za-z0-9_.-]{1,100}$/.test(stack))
    throw new UserError(
      `"${text}" is not a stack name: a stack name has 1 to 100 letters, digits, hyphens, underscores or periods`,
    );
  if (parts.length > 1 && parts[0] !== ORGANIZATION && parts[0] !== "")
    throw new UserError("organization name must be 'organization'");
  const project = parts.length === 3 ? parts[1] : currentProject;
  if (project === undefined || project === "")
    throw new UserError(
      `no project for stack "${text}": there is no Pulumi.yaml in this folder or above it. Run this in the project's folder ` +
        `(or with --cwd <folder>), or use the stack's full name, ${ORGANIZATION}/<project>/<stack>`,
    );
  // The project becomes a folder name.
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(project) || /^\.+$/.test(project))
    throw new UserError(`"${project}" in "${text}" is not a project name`);
  return { project, stack };
}

/** Returns the folder that `PULUMI_BACKEND_URL` names. */
export function backendFolder(url: string | undefined): string {
  if (url === undefined || url === "")
    throw new UserError(
      "PULUMI_BACKEND_URL is not set. Set it to the folder of the state, such as file:///path/to/folder",
    );
  if (!url.startsWith("file://"))
    throw needsPulumiCli(`The backend ${url.replace(/\/\/[^/@]*@/, "//")} (supported: file://)`);
  const path = url.slice("file://".length).split("?")[0] ?? "";
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return path.startsWith("/") ? fileURLToPath(`file://${path}`) : join(process.cwd(), decodeURIComponent(path));
}

export class Layout {
  /** Folder in the backend's URL. */
  readonly folder: string;
  readonly root: string;
  constructor(folder: string) {
    this.folder = folder;
    this.root = join(folder, ".pulumi");
  }
  get meta(): string {
    return join(this.root, "meta.yaml");
  }
  get stacks(): string {
    return join(this.root, "stacks");
  }
  checkpoint({ project, stack }: StackName): string {
    return join(this.stacks, project, `${stack}.json`);
  }
  history({ project, stack }: StackName): string {
    return join(this.root, "history", project, stack);
  }
  backups({ project, stack }: StackName): string {
    return join(this.root, "backups", project, stack);
  }
  locks({ project, stack }: StackName): string {
    return join(this.root, "locks", ORGANIZATION, project, stack);
  }
  /** File with the selected stack of a project folder, which is identified by its hash. */
  workspace(project: string, folderHash: string): string {
    return join(this.root, "workspaces", `${project}-${folderHash}-workspace.json`);
  }
}
