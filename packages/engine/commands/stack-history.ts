/**
 * `stack history`: the updates of a stack, newest first.
 * @module
 */
import type { ConfigValue } from "../project/config-value.ts";
import { hasSecure } from "../project/config-value.ts";
import { readStackConfig } from "../project/stack-config.ts";
import type { Crypter } from "../secrets/crypter.ts";
import { readHistory, type UpdateRecord } from "../state/history.ts";
import { flag, number, parseArguments } from "./arguments.ts";
import { describe } from "./config.ts";
import { Context } from "./context.ts";
import { openSecrets } from "./secrets.ts";
import { printJson } from "./table.ts";

export async function history(args: readonly string[]): Promise<number> {
  const table = {
    json: { kind: "boolean", short: "j" },
    "show-secrets": { kind: "boolean" },
    "full-dates": { kind: "boolean" },
    "page-size": { kind: "string" },
    page: { kind: "string" },
  } as const;
  const parsed = parseArguments(args, table, "stack history");
  const context = new Context(parsed);
  const name = context.stack();
  const updates = readHistory(context.layout, name, number(parsed, "page-size", 10), number(parsed, "page", 1, 1));
  if (!flag(parsed, "json")) {
    for (const update of updates) process.stdout.write(`${summary(update)}\n`);
    return 0;
  }
  const showSecrets = flag(parsed, "show-secrets");
  const encrypted = updates.some(({ config }) =>
    Object.values(config ?? {}).some((value) => hasSecure(value as ConfigValue)),
  );
  let crypter: Crypter | undefined;
  if (showSecrets && encrypted)
    crypter = (await openSecrets(readStackConfig(context.configFile(name), context.project.name).salt)).crypter;
  printJson(updates.map((update) => document(update, crypter)));
  return 0;
}

const time = (seconds: number) => new Date(seconds * 1000).toISOString();

function document(update: UpdateRecord, crypter: Crypter | undefined) {
  const open = (): Crypter => {
    if (!crypter) throw new Error("the secrets are closed");
    return crypter;
  };
  const config = Object.entries((update.config ?? {}) as Record<string, ConfigValue>).map(([key, value]) => [
    key,
    describe(value, open, crypter !== undefined),
  ]);
  return {
    version: update.version,
    kind: update.kind,
    startTime: time(update.startTime),
    message: update.message,
    environment: update.environment,
    config: Object.fromEntries(config),
    result: update.result,
    endTime: time(update.endTime),
    resourceChanges: update.resourceChanges,
  };
}

function summary(update: UpdateRecord): string {
  const changes = Object.entries(update.resourceChanges ?? {}).map(([op, count]) => `${op} ${count}`);
  return [
    `UpdateKind: ${update.kind}`,
    `Status: ${update.result}`,
    `Message: ${update.message}`,
    `Started: ${time(update.startTime)}, took ${update.endTime - update.startTime}s`,
    `Changes: ${changes.length === 0 ? "none" : changes.join(", ")}`,
    "",
  ].join("\n");
}
