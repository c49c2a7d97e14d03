/**
 * `stack init` and `stack select`.
 * @module
 */
import { EXIT, needsPulumiCli, UserError } from "../failure.ts";
import { editStackConfig, readStackConfig } from "../project/stack-config.ts";
import { encrypting } from "../properties/stored.ts";
import { createStack } from "../state/backend.ts";
import { CheckpointWriter } from "../state/checkpoint-text.ts";
import { qualifiedName } from "../state/layout.ts";
import { flag, parseArguments, text } from "./arguments.ts";
import { Context } from "./context.ts";
import { openSecrets } from "./secrets.ts";

export async function init(args: readonly string[]): Promise<number> {
  const table = { "no-select": { kind: "boolean" }, "secrets-provider": { kind: "string" } } as const;
  const parsed = parseArguments(args, table, "stack init");
  const provider = text(parsed, "secrets-provider") ?? "passphrase";
  if (provider !== "passphrase" && provider !== "default") throw needsPulumiCli(`The secrets provider "${provider}"`);
  const given = parsed.positional[0] ?? text(parsed, "stack");
  if (given === undefined || parsed.positional.length > 1) throw new UserError("missing stack name");
  const context = new Context(parsed);
  const name = context.parse(given);
  const file = context.configFile(name);
  const { salt, crypter, created } = await openSecrets(readStackConfig(file, context.project.name).salt);
  createStack(
    context.layout,
    name,
    new CheckpointWriter(qualifiedName(name), salt, encrypting(crypter)).contents([], []),
  );
  if (created) editStackConfig(file, { salt });
  if (!flag(parsed, "no-select")) context.select(name);
  process.stdout.write(`Created stack '${name.stack}'\n`);
  return 0;
}

export async function select(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, { create: { kind: "boolean", short: "c" } }, "stack select");
  const given = parsed.positional[0] ?? text(parsed, "stack");
  if (given === undefined)
    throw new UserError("no stack selected: select needs a stack name", { exitCode: EXIT.stackNotFound });
  if (parsed.positional.length > 1) throw new UserError("select takes one stack name");
  const context = new Context(parsed);
  try {
    context.select(context.stack(given));
  } catch (error) {
    if (!flag(parsed, "create") || !(error instanceof UserError)) throw error;
    return init(args.filter((arg) => arg !== "--create" && arg !== "-c"));
  }
  return 0;
}
