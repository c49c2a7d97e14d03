import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const text = z.string();
const integer = (min: number, max: number, what: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, what)
    .transform(Number)
    .refine((value) => value >= min && value <= max, what);

/**
 * The service's environment. A variable that is empty counts as not set.
 *
 * | variable        | default                    | meaning |
 * |-----------------|----------------------------|---------|
 * | MODEL_URI       | (required)                 | model's folder, or `models:/name/version`, `models:/name@alias`, `models:/name/Stage` |
 * | MODEL_SHA256    | (not checked)              | digest that the model must have |
 * | MODEL_NAME      | folder's or registry's     | name that /health tells; must agree with the registry |
 * | MODEL_VERSION   | `unregistered` or registry's | version that /health tells; must agree with the registry |
 * | MODEL_STAGE     | `None` or registry's       | stage that /health tells |
 * | GATE_PUBLIC_KEY | (not checked)              | PEM: only a model whose gate verdict is signed with its private half is served |
 * | MODEL_CACHE     | `~/.cache/model-promotion` | folder for models from the registry |
 * | HOST            | 127.0.0.1                  | address to listen on; 0.0.0.0 for all |
 * | PORT            | 8000                       | port to listen on; 0 for any free one |
 * | MAX_ROWS        | 10000                      | most rows of a request |
 * | MAX_BODY_BYTES  | 10485760 (10 MiB)          | most bytes of a request's body |
 * | STOP_SECONDS    | 10                         | on SIGTERM, longest wait for requests in flight |
 *
 * For `models:/` URIs also MLFLOW_TRACKING_URI and, where needed, MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN.
 */
const Environment = z.object({
  MODEL_URI: z.string("set it to a model's folder or to models:/<name>/<version>"),
  MODEL_SHA256: text
    .toLowerCase()
    .regex(/^[0-9a-f]{64}$/, "must be a SHA-256, 64 hexadecimal digits; leave it out to skip the check")
    .optional(),
  MODEL_NAME: text.optional(),
  MODEL_VERSION: text.optional(),
  MODEL_STAGE: text.optional(),
  GATE_PUBLIC_KEY: text.optional(),
  MODEL_CACHE: text.default(() => join(homedir(), ".cache", "model-promotion")),
  HOST: text.default("127.0.0.1"),
  PORT: integer(0, 65535, "must be a whole number from 0 (any free port) to 65535, for example PORT=8000").default(
    8000,
  ),
  MAX_ROWS: integer(1, 1e6, "must be a whole number from 1 to 1000000, for example MAX_ROWS=10000").default(10_000),
  MAX_BODY_BYTES: integer(
    1024,
    2 ** 28,
    "must be a whole number from 1024 to 268435456, for example MAX_BODY_BYTES=10485760",
  ).default(10 * 2 ** 20),
  STOP_SECONDS: integer(0, 3600, "must be a whole number from 0 to 3600, for example STOP_SECONDS=10").default(10),
});
export type Settings = z.infer<typeof Environment>;

/** Variables that are missing or wrong, all of them at once. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Reads the settings. Throws SettingsError, which names each variable, its value and the way out. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""));
  const parsed = Environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = new Map(parsed.error.issues.map(({ path, message }) => [String(path[0]), message]));
  throw new SettingsError(
    [...problems]
      .map(
        ([name, message]) =>
          `${name} is ${set[name] === undefined ? "not set" : JSON.stringify(set[name])}: ${message}`,
      )
      .join("; "),
  );
}
