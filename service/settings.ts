import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Reads the service's environment variables. An empty variable is treated as unset.
 *
 * | variable        | default                    | meaning |
 * |-----------------|----------------------------|---------|
 * | MODEL_URI       | (required)                 | path of a model's folder, or `models:/name/version`, `models:/name@alias`, `models:/name/Stage` |
 * | MODEL_SHA256    | (not checked)              | digest that the model must have |
 * | MODEL_NAME      | folder's or registry's     | name in /health; must match the registry's |
 * | MODEL_VERSION   | `unregistered` or registry's | version in /health; must match the registry's |
 * | MODEL_STAGE     | `None` or registry's       | stage in /health |
 * | GATE_PUBLIC_KEY | (not checked)              | PEM; only a model whose gate verdict is signed with the matching private key is served |
 * | MODEL_CACHE     | `~/.cache/model-promotion` | folder for models from the registry |
 * | MODEL_CARD      | (registry's)               | JSON for the page, with verdict, summary, metrics, reportUrl and judgedAt |
 * | HOST            | 127.0.0.1                  | address to listen on; 0.0.0.0 for all addresses |
 * | PORT            | 8000                       | port to listen on; 0 for any free port |
 * | SHARED_PORT     | (none)                     | second port, opened on SIGUSR2; several processes may share it, so that one replaces another without downtime (Linux, one worker) |
 * | WORKERS         | 1                          | number of worker processes |
 * | MAX_ROWS        | 10000                      | maximum rows per request |
 * | MAX_BODY_BYTES  | 10485760 (10 MiB)          | maximum size of a request body, bytes |
 * | MAX_QUEUE_ROWS  | 65536                      | maximum rows that wait for the model; beyond that, 503 |
 * | MAX_WAIT_MS     | 10000                      | maximum wait for the model; beyond that, 503 |
 * | STOP_SECONDS    | 10                         | on SIGTERM, maximum wait for requests in flight |
 * | API_TOKEN       | (none: no authentication) | bearer tokens, separated by commas |
 * | CORS_ORIGINS    | (none)                     | allowed CORS origins, separated by commas; without API_TOKEN, also list the service's own origin if its page is opened by a host name |
 * | RATE_LIMIT      | 0 (none)                   | requests per second and caller; beyond that, 429 |
 * | DRIFT_REFERENCE | (none)                     | drift reference: bins as JSON, or the path of a file with them; create it with `npm run drift-bins -- --model <MODEL_URI> <snapshot>` |
 * | DATA_CONTRACT   | (none)                     | data contract for requests: JSON, or the path of a YAML or JSON file; /metrics counts violations |
 * | DATA_CONTRACT_MODE | count                   | count: only count violations; refuse: also reject such requests with 422 |
 * | OTHER_URL       | (none)                     | URL of the other environment's service, linked from the page |
 * | LOG_LEVEL       | info                       | debug (one line per request), info, warn, error |
 *
 * `models:/` URIs also require MLFLOW_TRACKING_URI and, if the server requires authentication, MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN. To enable
 * tracing, set OpenTelemetry's standard variables: OTEL_EXPORTER_OTLP_ENDPOINT and others (watch/telemetry.ts).
 * @throws SettingsError
 */
export function readSettings(env: Environment) {
  const read = new Reader(env);
  const settings = {
    MODEL_URI: read.required("MODEL_URI", "set it to a model's folder or to models:/<name>/<version>"),
    MODEL_SHA256: read
      .matching(
        "MODEL_SHA256",
        /^[0-9a-f]{64}$/i,
        "must be a SHA-256, 64 hexadecimal digits; unset it to skip the check",
      )
      ?.toLowerCase(),
    MODEL_NAME: read.text("MODEL_NAME"),
    MODEL_VERSION: read.text("MODEL_VERSION"),
    MODEL_STAGE: read.text("MODEL_STAGE"),
    GATE_PUBLIC_KEY: read.text("GATE_PUBLIC_KEY"),
    MODEL_CACHE: read.text("MODEL_CACHE") ?? join(homedir(), ".cache", "model-promotion"),
    MODEL_CARD: read.json("MODEL_CARD", 'must be a JSON object, for example {"verdict":"passed"}'),
    HOST: read.text("HOST") ?? "127.0.0.1",
    PORT: read.integer("PORT", 0, 65535, 8000, "must be a whole number from 0 (any free port) to 65535"),
    SHARED_PORT:
      read.text("SHARED_PORT") === undefined
        ? undefined
        : read.integer("SHARED_PORT", 1, 65535, 8000, "must be a whole number from 1 to 65535"),
    WORKERS: read.integer("WORKERS", 1, 256, 1),
    MAX_ROWS: read.integer("MAX_ROWS", 1, 1e6, 10_000),
    MAX_BODY_BYTES: read.integer("MAX_BODY_BYTES", 1024, 2 ** 28, 10 * 2 ** 20),
    MAX_QUEUE_ROWS: read.integer("MAX_QUEUE_ROWS", 1, 1e9, 65_536),
    MAX_WAIT_MS: read.integer("MAX_WAIT_MS", 1, 3.6e6, 10_000),
    STOP_SECONDS: read.integer("STOP_SECONDS", 0, 3600, 10),
    API_TOKEN: read.list("API_TOKEN", /^[^\s,]{16,}$/, "must have at least 16 characters without white space", true),
    CORS_ORIGINS: read.list("CORS_ORIGINS", /^https?:\/\/[^/\s]+$/, "must be origins, for example https://app.example"),
    RATE_LIMIT: read.integer("RATE_LIMIT", 0, 1e6, 0),
    DRIFT_REFERENCE: read.text("DRIFT_REFERENCE"),
    DATA_CONTRACT: read.text("DATA_CONTRACT"),
    DATA_CONTRACT_MODE: read.oneOf("DATA_CONTRACT_MODE", ["count", "refuse"], "count"),
    OTHER_URL: read.matching(
      "OTHER_URL",
      /^https?:\/\/[^/\s]+(\/[^\s]*)?$/,
      "must be a URL, for example http://127.0.0.1:8001",
    ),
    LOG_LEVEL: read.oneOf("LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
  };
  if (settings.SHARED_PORT !== undefined && settings.WORKERS > 1)
    read.wrong("SHARED_PORT", "works with one process only: unset WORKERS");
  read.done();
  return settings;
}

export type Settings = ReturnType<typeof readSettings>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Names all missing and invalid variables at once. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Reads variables and collects problems. A schema library would add a third to the service's startup time. */
class Reader {
  readonly #env: Environment;
  readonly #problems: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Ends reading. @throws SettingsError that names each invalid variable, its value and the remedy */
  done(): void {
    if (this.#problems.length > 0) throw new SettingsError(this.#problems.join("; "));
  }

  text(name: string): string | undefined {
    const value = this.#env[name];
    return value === undefined || value.trim() === "" ? undefined : value;
  }

  required(name: string, what: string): string {
    return this.text(name) ?? this.wrong(name, what) ?? "";
  }

  matching(name: string, pattern: RegExp, what: string): string | undefined {
    const value = this.text(name);
    return value === undefined || pattern.test(value) ? value : this.wrong(name, what);
  }

  integer(name: string, min: number, max: number, preset: number, what?: string): number {
    const value = this.text(name);
    if (value === undefined) return preset;
    const number = Number(value);
    if (/^\d{1,15}$/.test(value) && number >= min && number <= max) return number;
    this.wrong(name, `${what ?? `must be a whole number from ${min} to ${max}`}, for example ${name}=${preset || 100}`);
    return preset;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[], preset: Choice): Choice {
    const value = this.text(name);
    const found = choices.find((choice) => choice === (value ?? preset));
    if (found === undefined) this.wrong(name, `must be one of ${choices.join(", ")}`);
    return found ?? preset;
  }

  /** @param secret whether to omit the value from errors */
  list(name: string, pattern: RegExp, what: string, secret = false): string[] {
    const items = (this.text(name) ?? "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    if (!items.every((item) => pattern.test(item))) this.wrong(name, what, secret);
    return items;
  }

  json(name: string, what: string): Record<string, unknown> | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    try {
      const parsed: unknown = JSON.parse(value);
      if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
    } catch {
      // Reported below.
    }
    this.wrong(name, what);
    return undefined;
  }

  wrong(name: string, what: string, secret = false): undefined {
    const value = this.text(name);
    const state = value === undefined ? "not set" : secret ? "set, but" : JSON.stringify(value);
    this.#problems.push(`${name} is ${state}${secret ? " " : ": "}${what}`);
  }
}
