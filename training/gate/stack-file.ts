import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/** What a stack file says that a gate needs; what it does not say is undefined. */
export interface StackGate {
  readonly policy?: unknown;
  /** The stack's model; undefined for a policy of its own, which is any model's. */
  readonly modelName?: string;
  readonly data: { readonly training?: string; readonly evaluation?: string; readonly reference?: string };
}

const PROJECT = "model-promotion:";

/**
 * Reads a policy: a file of its own (YAML or JSON), or a Pulumi stack file, whose key `gate` it then is.
 * Pulumi.yaml's defaults count where the stack file says nothing.
 * @throws Error that names the file
 */
export async function readStackGate(path: string, projectFile = "Pulumi.yaml"): Promise<StackGate> {
  const content = await readYaml(path);
  const config = recordAt(content, "config");
  const defaults = await defaultsOf(projectFile);
  if (!config) return { policy: numbers(content), data: defaults.data };
  const data = recordAt(config, `${PROJECT}data`);
  const modelName = config[`${PROJECT}modelName`] ?? defaults.modelName;
  return {
    policy: numbers(config[`${PROJECT}gate`]),
    ...(typeof modelName === "string" && { modelName }),
    data: { ...defaults.data, ...data },
  };
}

async function defaultsOf(projectFile: string): Promise<Omit<StackGate, "policy">> {
  const config = recordAt(await readYaml(projectFile), "config");
  const data = recordAt(recordAt(config, "data"), "default") ?? {};
  const modelName = recordAt(config, "modelName")?.default;
  return { data, ...(typeof modelName === "string" && { modelName }) };
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

/** `pulumi config set --path` writes decimal numbers as text; see infra/load-settings.ts. */
function numbers(value: unknown): unknown {
  if (value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value), (_key, inner) =>
    typeof inner === "string" && /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(inner) ? Number(inner) : inner,
  );
}
