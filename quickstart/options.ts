import { parseArgs } from "node:util";
import { withValue } from "../data/issue-messages.ts";
import { BLOCKED_PORT, isBlockedPort } from "../infra/ports.ts";
import { USAGE } from "./setup.mjs";

export interface Options {
  /** The embedded engine, or the official CLI. */
  readonly engine: "embedded" | "pulumi";
  /** Whether to show the engine's output. */
  readonly verbose: boolean;
  readonly ports: { readonly mlflow: number; readonly staging: number; readonly production: number };
}

const DEFAULTS = { mlflow: 5050, staging: 8000, production: 8001 };

/**
 * Parses the command line.
 * @throws Error with the usage for an unknown option or a value that is not supported
 */
export function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        verbose: { type: "boolean", default: false },
        engine: { type: "string", default: "embedded" },
        "mlflow-port": { type: "string", default: String(DEFAULTS.mlflow) },
        "staging-port": { type: "string", default: String(DEFAULTS.staging) },
        "production-port": { type: "string", default: String(DEFAULTS.production) },
      },
    });
    const { engine, verbose } = values;
    if (engine !== "embedded" && engine !== "pulumi")
      throw new Error(`--engine must be embedded or pulumi, got ${engine}`);
    const ports = {
      mlflow: toPort("--mlflow-port", values["mlflow-port"]),
      staging: toPort("--staging-port", values["staging-port"]),
      production: toPort("--production-port", values["production-port"]),
    };
    if (new Set(Object.values(ports)).size < 3)
      throw new Error(`the three ports must differ, got ${Object.values(ports).join(", ")}`);
    return { engine, verbose, ports };
  } catch (cause) {
    throw new Error(`${(cause as Error).message}\n${USAGE}`, { cause });
  }
}

function toPort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535)
    throw new Error(`${option} must be a port from 1 to 65535, got ${text}`);
  if (isBlockedPort(port)) throw new Error(`${option} ${withValue(BLOCKED_PORT, port)}`);
  return port;
}
