/**
 * The context of a command: backend, project and stack.
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../failure.ts";
import { findProjectFile, type Project, readProject, stackConfigFile } from "../project/project.ts";
import { replaceFileSync } from "../state/atomic-file.ts";
import { requireStack } from "../state/backend.ts";
import { backendFolder, Layout, parseStackName, qualifiedName, type StackName } from "../state/layout.ts";
import { type Parsed, text } from "./arguments.ts";

export class Context {
  readonly parsed: Parsed;
  readonly cwd: string;
  readonly layout: Layout;
  #project: Project | undefined;

  constructor(parsed: Parsed) {
    this.parsed = parsed;
    this.cwd = resolve(text(parsed, "cwd") ?? ".");
    if (!existsSync(this.cwd)) throw new UserError(`the folder ${this.cwd} does not exist`);
    // Relative paths, including the backend's URL, start at the folder that -C names.
    process.chdir(this.cwd);
    this.layout = new Layout(backendFolder(process.env.PULUMI_BACKEND_URL));
  }

  get project(): Project {
    this.#project ??= readProject(this.cwd);
    return this.#project;
  }
  get hasProject(): boolean {
    return findProjectFile(this.cwd) !== undefined;
  }

  #workspaceFile(): string {
    const hash = createHash("sha1").update(this.project.file).digest("hex");
    return this.layout.workspace(this.project.name, hash);
  }

  /** Returns the stack from the environment, or the one that `stack select` has chosen for this project folder. */
  selected(): StackName | undefined {
    const { PULUMI_STACK } = process.env;
    if (PULUMI_STACK) return this.parse(PULUMI_STACK);
    if (!this.hasProject || !existsSync(this.#workspaceFile())) return undefined;
    try {
      const { stack } = JSON.parse(readFileSync(this.#workspaceFile(), "utf8")) as { stack?: string };
      return stack === undefined ? undefined : parseStackName(stack, this.project.name);
    } catch {
      return undefined;
    }
  }

  select(name: StackName | undefined): void {
    replaceFileSync(this.#workspaceFile(), JSON.stringify(name ? { stack: qualifiedName(name) } : {}));
  }

  parse(stack: string): StackName {
    return parseStackName(stack, this.hasProject ? this.project.name : undefined);
  }

  /** Returns the command's stack. @throws UserError if it does not exist */
  stack(named = text(this.parsed, "stack")): StackName {
    const name = named === undefined ? this.selected() : this.parse(named);
    if (!name) throw new UserError("no stack selected; please use `pulumi stack select` or `--stack` to choose one");
    requireStack(this.layout, name);
    return name;
  }

  configFile(name: StackName): string {
    const given = text(this.parsed, "config-file");
    return given === undefined ? stackConfigFile(this.project, name.stack) : resolve(given);
  }
}
