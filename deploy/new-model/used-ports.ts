import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { isBlockedPort } from "../../infra/ports.ts";
import { listStacks } from "../stack-file.ts";

const DEFAULT_MLFLOW_PORT = 5050;

/** Ports, models and MLflow server that the stack files of a checkout already use. */
export interface UsedByStacks {
  readonly ports: ReadonlySet<number>;
  /** Models that stacks name. */
  readonly models: ReadonlySet<string>;
  /** A staging stack on target local whose MLflow server others can share. */
  readonly server?: { readonly stack: string; readonly url: string };
}

interface StackSettings {
  readonly environment?: unknown;
  readonly target?: unknown;
  readonly modelName?: unknown;
  readonly service?: { readonly port?: unknown };
  readonly mlflow?: { readonly port?: unknown; readonly trackingUri?: unknown };
}

/** Reads the stack files of the folder, the quickstart and the examples, which may all run at the same time. */
export async function usedByStacks(folder: string): Promise<UsedByStacks> {
  const ports = new Set<number>();
  const models = new Set<string>();
  let server: UsedByStacks["server"];
  for (const project of [folder, join(folder, "quickstart"), ...(await foldersIn(join(folder, "examples")))])
    for (const stack of existsSync(project) ? await listStacks(project) : []) {
      const { environment, target, modelName, service, mlflow } = await readSettings(
        join(project, `Pulumi.${stack}.yaml`),
      );
      if (service?.port !== undefined) ports.add(Number(service.port));
      if (typeof modelName === "string" && project === folder) models.add(modelName);
      if (environment !== "staging" || mlflow?.trackingUri !== undefined) continue;
      const port = Number(mlflow?.port ?? DEFAULT_MLFLOW_PORT);
      ports.add(port);
      if (project === folder && target === "local") server ??= { stack, url: `http://127.0.0.1:${port}` };
    }
  return { ports, models, ...(server && { server }) };
}

async function readSettings(file: string): Promise<StackSettings> {
  let content: { readonly config?: Readonly<Record<string, unknown>> } | null;
  try {
    content = parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const entries = Object.entries(content?.config ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key.replace(/^model-promotion:/, ""), value]));
}

const foldersIn = async (folder: string): Promise<string[]> =>
  existsSync(folder)
    ? (await readdir(folder, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(folder, name))
    : [];

/** Returns the first consecutive unused ports, from `first` on. */
export function nextFreePorts(used: ReadonlySet<number>, first: number, count: number): number[] {
  for (let start = first; ; start += count) {
    const ports = Array.from({ length: count }, (_, index) => start + index);
    if (ports.every((port) => !used.has(port) && !isBlockedPort(port))) return ports;
  }
}
