import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, parseDocument, stringify } from "yaml";
import type { Ran } from "./project.ts";
import { runCli } from "./pulumi-cli.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The committed program on the official CLI, with its own name, state and stacks. */
export interface CliProject {
  readonly name: string;
  readonly folder: string;
  pulumi(...args: string[]): Promise<Ran>;
  /** Runs a command that must succeed, and returns its output. */
  must(...args: string[]): Promise<string>;
  up(stack: string, ...args: string[]): Promise<Ran>;
  /** Edits the stack's file like `pulumi config set --path` or, without a value, `config rm --path`. */
  set(stack: string, path: string, value: unknown): Promise<void>;
  /** Creates another stack: the committed config of its environment, with changed values by key. */
  add(stack: string, environment: "staging" | "production", config: Readonly<Record<string, unknown>>): Promise<void>;
  /** Destroys the stacks, the last one first. */
  destroy(): Promise<void>;
  /** Removes the folder. */
  remove(): Promise<void>;
}

/** @param name project name, to simulate another clone */
export async function makeCliProject(name = `promotion-${randomBytes(3).toString("hex")}`): Promise<CliProject> {
  const folder = await mkdtemp(join(tmpdir(), "cli-project-"));
  const stacks: string[] = [];
  const project = parseDocument(await readFile(join(ROOT, "Pulumi.yaml"), "utf8"));
  project.set("name", name);
  project.set("main", ROOT);
  await writeFile(join(folder, "Pulumi.yaml"), project.toString());

  const pulumi = (...args: string[]) => runCli(folder, args);
  const must = async (...args: string[]) => {
    const { exitCode, output } = await pulumi(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with exit code ${exitCode}:\n${output}`);
    return output;
  };
  const set = async (stack: string, path: string, value: unknown) => {
    const file = join(folder, `Pulumi.${stack}.yaml`);
    const config = parseDocument(await readFile(file, "utf8"));
    const [key, ...rest] = path.split(".");
    const place = ["config", `${name}:${key}`, ...rest];
    if (value === undefined) config.deleteIn(place);
    else config.setIn(place, value);
    await writeFile(file, config.toString());
  };
  const add: CliProject["add"] = async (stack, environment, others) => {
    const { config } = parse(await readFile(join(ROOT, `Pulumi.${environment}.yaml`), "utf8"));
    const own = Object.entries(config).map(([key, value]) => [key.replace(/^[^:]+/, name), value]);
    const more = Object.entries(others).map(([key, value]) => [`${name}:${key}`, value]);
    await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify({ config: Object.fromEntries([...own, ...more]) }));
    await must("stack", "init", stack);
    stacks.unshift(stack);
  };
  return {
    name,
    folder,
    pulumi,
    must,
    set,
    add,
    up: (stack, ...args) => pulumi("up", "--yes", "--non-interactive", "--stack", stack, ...args),
    destroy: async () => {
      for (const stack of stacks)
        await pulumi("destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
