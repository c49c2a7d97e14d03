/**
 * Pulumi.yaml: the project's name, its program and its declared config.
 * @module
 */
import { existsSync, type Stats, statSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { messageOf, needsPulumiCli, UserError } from "../failure.ts";
import { parseYaml, readText } from "../read-files.ts";

export interface ConfigDeclaration {
  readonly type?: string;
  readonly items?: ConfigDeclaration;
  readonly default?: unknown;
  readonly value?: unknown;
  readonly secret?: boolean;
}

export interface Project {
  readonly name: string;
  /** The project file itself; its folder is the root of the project. */
  readonly file: string;
  readonly root: string;
  readonly main: string | undefined;
  readonly runtimeOptions: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, ConfigDeclaration>>;
  readonly stackConfigDir: string | undefined;
}

const FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** Finds the project file in `folder` or above it. */
export function findProjectFile(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = FILES.map((name) => join(at, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (dirname(at) === at) return undefined;
  }
}

export function readProject(folder: string): Project {
  const file = findProjectFile(folder);
  if (file === undefined)
    throw new UserError(`no Pulumi.yaml project file found (searching upwards from ${resolve(folder)})`);
  const yaml = parseYaml(readText(file, "the project file"), file);
  if (yaml === null || typeof yaml !== "object" || Array.isArray(yaml)) throw new UserError(`${file} is not a map`);
  const fields = yaml as Record<string, unknown>;
  const text = (key: string): string | undefined => {
    const value = fields[key];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value !== "string") throw new UserError(`${file}: "${key}" is not a string`);
    return value;
  };
  const name = text("name");
  if (name === undefined || !/^[A-Za-z0-9_.-]{1,100}$/.test(name))
    throw new UserError(`${file}: the project has no valid "name"`);
  if (fields.packages !== undefined) throw needsPulumiCli('"packages" in Pulumi.yaml');
  return {
    name,
    file,
    root: dirname(file),
    main: text("main"),
    runtimeOptions: runtimeOptions(fields.runtime, file),
    config: declarations(fields.config, file),
    stackConfigDir: text("stackConfigDir"),
  };
}

function runtimeOptions(runtime: unknown, file: string): Readonly<Record<string, unknown>> {
  const { name, options } =
    typeof runtime === "object" && runtime !== null
      ? (runtime as { name?: unknown; options?: unknown })
      : { name: runtime, options: undefined };
  if (name === undefined || name === null) throw new UserError(`${file}: the project has no "runtime"`);
  if (name !== "nodejs") throw needsPulumiCli(`The runtime "${String(name)}"`);
  return (options ?? {}) as Record<string, unknown>;
}

function declarations(config: unknown, file: string): Readonly<Record<string, ConfigDeclaration>> {
  if (config === undefined || config === null) return {};
  // The old form of `stackConfigDir`.
  if (typeof config === "string") throw new UserError(`${file}: "config" names a folder: call it "stackConfigDir"`);
  if (typeof config !== "object" || Array.isArray(config)) throw new UserError(`${file}: "config" is not a map`);
  return Object.fromEntries(
    Object.entries(config as Record<string, unknown>).map(([key, declared]) => {
      if (declared !== null && typeof declared === "object" && !Array.isArray(declared))
        return [key, declared as ConfigDeclaration];
      // `key: value` is the short form of a default.
      return [key, { default: declared }];
    }),
  );
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw new UserError(`project 'main' could not be read: ${messageOf(error)}`, { cause: error });
  }
}

/** The program's working directory and entry point. */
export interface ProgramLocation {
  readonly pwd: string;
  readonly entry: string;
}

/** `main` may be a file, or a folder such as `..`; the program's working directory is the folder either way. */
export function programLocation({ root, main }: Pick<Project, "root" | "main">): ProgramLocation {
  if (main === undefined) return { pwd: root, entry: "." };
  const path = isAbsolute(main) ? main : resolve(root, main);
  const stat = statOf(path);
  if (stat.isDirectory()) return { pwd: path, entry: "." };
  if (stat.isFile()) return { pwd: dirname(path), entry: basename(path) };
  throw new UserError(`project 'main' could not be read: ${path} is neither a file nor a folder`);
}

/** Returns the path of a stack's config file. */
export const stackConfigFile = (project: Project, stack: string): string =>
  join(project.root, project.stackConfigDir ?? ".", `Pulumi.${stack}${extname(project.file)}`);
