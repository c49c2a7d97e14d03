import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { type DataFormat, formatOf, parseFormat } from "../../data/reader/data-format.ts";
import { SAMPLE_MODEL } from "../trainer-environment.ts";

/** A stack file's settings for the gate; undefined if not set. */
export interface StackGate {
  readonly policy?: unknown;
  /** The stack's model; undefined for a standalone policy file. */
  readonly modelName?: string;
  /** Paths relative to this process's folder. */
  readonly data: {
    readonly training?: string;
    readonly evaluation?: string;
    readonly reference?: string;
    /** File of the data contract, or the contract itself. */
    readonly contract?: unknown;
    /** Format of the snapshots. */
    readonly format?: DataFormat;
  };
}

const PROJECT = "model-promotion:";

/**
 * Reads a policy: a standalone file (YAML or JSON), or a Pulumi stack file's key `gate`.
 * Pulumi.yaml provides the defaults.
 * @throws Error that names the file
 */
export async function readStackGate(path: string, projectFile = "Pulumi.yaml"): Promise<StackGate> {
  const content = await readYaml(path);
  const config = recordAt(content, "config");
  const defaults = await defaultsOf(projectFile);
  if (!config) return { policy: numbers(content), data: defaults.data };
  const data = requirePlain(recordAt(config, `${PROJECT}data`), "data", path);
  const isStaging = config[`${PROJECT}environment`] === "staging";
  const modelName = config[`${PROJECT}modelName`] ?? defaults.modelName ?? (isStaging ? SAMPLE_MODEL : undefined);
  return {
    policy: numbers(config[`${PROJECT}gate`]),
    ...(typeof modelName === "string" && { modelName }),
    data: { ...defaults.data, ...fromHere(data ?? {}, defaults.folder), ...formatIn(data ?? {}, path) },
  };
}

/**
 * Rejects encrypted values, since nothing is decrypted here.
 * @throws Error that names the key and the remedy
 */
export function requirePlain<Value>(value: Value, key: string, path: string): Value {
  if (!(value instanceof Object)) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure" && typeof entries[0][1] === "string")
    throw new Error(
      `${path}: ${key} is encrypted, and this command cannot decrypt it. ` +
        `Set it in plain text: pulumi config set --plaintext --path ${key} <value>`,
    );
  for (const [inner, below] of entries) requirePlain(below, `${key}.${inner}`, path);
  return value;
}

async function defaultsOf(projectFile: string): Promise<Omit<StackGate, "policy"> & { readonly folder: string }> {
  const project = await readYaml(projectFile);
  const config = recordAt(project, "config");
  const data = recordAt(recordAt(config, "data"), "default") ?? {};
  const modelName = recordAt(config, "modelName")?.default;
  const folder = await programFolder(projectFile, (project as { main?: unknown } | null)?.main);
  return {
    folder,
    data: fromHere(data, folder),
    ...(typeof modelName === "string" && modelName !== "" && { modelName }),
  };
}

/** The folder that relative paths in the config refer to: the project's folder, or that of its `main`, which may be a file. */
async function programFolder(projectFile: string, main: unknown): Promise<string> {
  const root = resolve(dirname(projectFile));
  if (typeof main !== "string") return root;
  const program = resolve(root, main);
  const found = await stat(program).catch(() => undefined);
  return found?.isFile() ? dirname(program) : program;
}

const PATHS = ["training", "evaluation", "reference", "contract"];

/** Resolves the paths, unless this process runs in the same folder. */
const fromHere = (data: Readonly<Record<string, unknown>>, folder: string): Record<string, unknown> =>
  Object.fromEntries(
    PATHS.flatMap((key) => {
      const path = data[key];
      if (path === undefined) return [];
      return [[key, typeof path === "string" && folder !== process.cwd() ? resolve(folder, path) : path]];
    }),
  );

/** The keys of a stack's data settings that define the snapshots' format. */
function formatIn(data: Readonly<Record<string, unknown>>, path: string): { readonly format?: DataFormat } {
  const format = formatOf(data as DataFormat);
  return format ? { format: parseFormat(JSON.stringify(format), `${path}: data`) } : {};
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function recordAt(value: unknown, key: string): Record<string, unknown> | undefined {
  const found = (value as Record<string, unknown> | undefined | null)?.[key];
  return found instanceof Object ? (found as Record<string, unknown>) : undefined;
}

/** `pulumi config set --path` stores decimal numbers as text; see infra/load-settings.ts. */
function numbers(value: unknown): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value), (_key, inner) =>
    typeof inner === "string" && /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(inner) ? Number(inner) : inner,
  );
}
