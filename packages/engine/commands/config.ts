/**
 * `config`: shows the config of a stack; `config set`, `get` and `rm`.
 * @module
 */
import { needsPulumiCli, UserError } from "../failure.ts";
import { type ConfigPath, coerce, getAt, parseConfigPath, removeAt, setConfig } from "../project/config-path.ts";
import { type ConfigMap, type ConfigValue, decryptValue, fullKey, hasSecure, textOf } from "../project/config-value.ts";
import { applyDefaults } from "../project/declared-config.ts";
import { editStackConfig, readStackConfig, type StackConfig } from "../project/stack-config.ts";
import type { Crypter } from "../secrets/crypter.ts";
import { flag, type Parsed, parseArguments, text } from "./arguments.ts";
import { Context } from "./context.ts";
import { openSecrets } from "./secrets.ts";
import { printJson, printTable } from "./table.ts";

export async function config(args: readonly string[]): Promise<number> {
  const sub = args.find((arg) => !arg.startsWith("-"));
  const at = sub === undefined ? -1 : args.indexOf(sub);
  const rest = args.filter((_, i) => i !== at);
  switch (sub) {
    case "set":
      return set(rest);
    case "get":
      return get(rest);
    case "rm":
    case "remove":
      return remove(rest);
    default:
      return show(args);
  }
}

function open(parsed: Parsed): { context: Context; stackConfig: StackConfig; stack: string } {
  const context = new Context(parsed);
  const name = context.stack();
  return { context, stack: name.stack, stackConfig: readStackConfig(context.configFile(name), context.project.name) };
}

const configPathOf = (parsed: Parsed, context: Context, key: string): ConfigPath =>
  flag(parsed, "path")
    ? parseConfigPath(key, context.project.name)
    : { key: fullKey(key, context.project.name), path: [] };

/** Opens the secrets only if there are any to show. */
async function crypterFor(
  config: ConfigMap,
  stackConfig: StackConfig,
  wanted: boolean,
): Promise<(() => Crypter) | undefined> {
  if (!wanted || !Object.values(config).some(hasSecure)) return undefined;
  const { crypter } = await openSecrets(stackConfig.salt);
  return () => crypter;
}

const redacting: Crypter = { encrypt: () => "[secret]", decrypt: () => "[secret]" };

async function show(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    args,
    { json: { kind: "boolean", short: "j" }, "show-secrets": { kind: "boolean" } },
    "config",
  );
  if (parsed.positional.length > 0) throw needsPulumiCli(`The command \`pulumi config ${parsed.positional[0]}\``);
  const { context, stackConfig } = open(parsed);
  const all = applyDefaults(context.project, stackConfig.config);
  const showSecrets = flag(parsed, "show-secrets");
  const crypter = (await crypterFor(all, stackConfig, showSecrets)) ?? (() => redacting);
  const keys = Object.keys(all).sort();
  if (!flag(parsed, "json")) {
    const own = `${context.project.name}:`;
    const rows = keys.map((key) => [
      key.startsWith(own) ? key.slice(own.length) : key,
      textOf(decryptValue(all[key] ?? null, crypter)),
    ]);
    printTable(["KEY", "VALUE"], rows);
    return 0;
  }
  const entries = keys.map((key) => [key, describe(all[key] ?? null, crypter, showSecrets)]);
  printJson(Object.fromEntries(entries));
  return 0;
}

/** Formats a value for `config --json`; a hidden secret has no value. */
export function describe(value: ConfigValue, crypter: () => Crypter, showSecrets: boolean): Record<string, unknown> {
  const secret = hasSecure(value);
  if (secret && !showSecrets) return { secret };
  const plain = decryptValue(value, crypter);
  const object = plain !== null && typeof plain === "object" ? { objectValue: plain } : {};
  return { value: textOf(plain), ...object, secret };
}

async function get(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    args,
    { json: { kind: "boolean", short: "j" }, path: { kind: "boolean" } },
    "config get",
  );
  const [key, ...more] = parsed.positional;
  if (key === undefined || more.length > 0) throw new UserError("config get requires one argument: the key");
  const { context, stackConfig, stack } = open(parsed);
  const { key: full, path } = configPathOf(parsed, context, key);
  const value = getAt(applyDefaults(context.project, stackConfig.config)[full], path);
  if (value === undefined) throw new UserError(`configuration key '${key}' not found for stack '${stack}'`);
  const crypter = (await crypterFor({ value }, stackConfig, true)) ?? (() => redacting);
  if (flag(parsed, "json")) printJson(describe(value, crypter, true));
  else process.stdout.write(`${textOf(decryptValue(value, crypter))}\n`);
  return 0;
}

const SET_FLAGS = {
  path: { kind: "boolean" },
  secret: { kind: "boolean" },
  plaintext: { kind: "boolean" },
  raw: { kind: "boolean" },
  type: { kind: "string" },
} as const;

async function set(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, SET_FLAGS, "config set");
  const [key, given, ...more] = parsed.positional;
  if (key === undefined || more.length > 0) throw new UserError("config set requires a key and a value");
  if (flag(parsed, "secret") && (flag(parsed, "plaintext") || text(parsed, "type") !== undefined))
    throw new UserError("--secret excludes --plaintext and --type");
  const { context, stackConfig } = open(parsed);
  const value = given ?? (await readStandardInput(flag(parsed, "raw")));
  const at = configPathOf(parsed, context, key);
  const stored = await toStore(parsed, value, at, key, stackConfig);
  const next = setConfig(stackConfig.config, at, stored, key);
  editStackConfig(stackConfig.file, { set: { [at.key]: next[at.key] ?? null } });
  return 0;
}

async function toStore(
  parsed: Parsed,
  value: string,
  at: ConfigPath,
  key: string,
  stackConfig: StackConfig,
): Promise<ConfigValue> {
  if (flag(parsed, "secret")) {
    const { crypter, salt, created } = await openSecrets(stackConfig.salt);
    if (created) editStackConfig(stackConfig.file, { salt });
    return { secure: crypter.encrypt(value) };
  }
  if (!flag(parsed, "plaintext") && looksLikeSecret(key, value))
    throw new UserError(
      `config value for '${at.key}' looks like a secret; rerun with --secret to encrypt it, or --plaintext if you meant to store in plaintext`,
    );
  const type = text(parsed, "type");
  if (type === undefined) return at.path.length > 0 ? coerce(value) : value;
  return typed(type, value);
}

function typed(type: string, value: string): ConfigValue {
  if (type === "string") return value;
  if (type === "bool" && /^(true|false)$/.test(value)) return value === "true";
  if (type === "int" && /^[+-]?\d+$/.test(value)) return Number(value);
  if (type === "float" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  if (["bool", "int", "float"].includes(type)) throw new UserError(`"${value}" is not a valid ${type}`);
  throw new UserError(`invalid type "${type}"; must be one of string, int, bool, or float`);
}

/** Whether a value is long and random under a key that suggests a secret. */
const looksLikeSecret = (key: string, value: string): boolean =>
  /token|secret|password|passwd|apikey|api_key|private_?key|credential/i.test(key) &&
  value.length >= 16 &&
  new Set(value).size >= 10 &&
  /\d/.test(value) &&
  /[A-Za-z]/.test(value) &&
  !/\s/.test(value);

async function readStandardInput(raw: boolean): Promise<string> {
  if (process.stdin.isTTY) throw new UserError("config value must be given as an argument or on standard input");
  let input = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) input += chunk;
  return raw ? input : input.replace(/\r?\n$/, "");
}

async function remove(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, { path: { kind: "boolean" } }, "config rm");
  const [key, ...more] = parsed.positional;
  if (key === undefined || more.length > 0) throw new UserError("config rm requires one argument: the key");
  const { context, stackConfig } = open(parsed);
  const { key: full, path } = configPathOf(parsed, context, key);
  const before = stackConfig.config[full];
  if (before === undefined) return 0;
  const left = removeAt(before, path, key);
  editStackConfig(stackConfig.file, left === undefined ? { remove: [full] } : { set: { [full]: left } });
  return 0;
}
