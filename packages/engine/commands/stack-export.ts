/**
 * `stack export` and `stack import`: writes and reads the state as a document.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { messageOf, UserError } from "../failure.ts";
import { encrypting, inTheClear, type Json } from "../properties/stored.ts";
import type { ResourceState } from "../resources/state.ts";
import { SecretMask } from "../secrets/mask.ts";
import { readCheckpointText, saveCheckpointSync } from "../state/backend.ts";
import { checkVersion, type RawDeployment, readDeployment, restoreSnapshot } from "../state/checkpoint.ts";
import { CheckpointWriter } from "../state/checkpoint-text.ts";
import { qualifiedName } from "../state/layout.ts";
import { takeLock } from "../state/lock.ts";
import { type JsonMap, storeResource } from "../state/stored-resource.ts";
import { flag, parseArguments, text } from "./arguments.ts";
import { Context } from "./context.ts";
import { hasSecrets, readSnapshot } from "./open-stack.ts";
import { openSecrets } from "./secrets.ts";

export async function exportStack(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    args,
    { "show-secrets": { kind: "boolean" }, file: { kind: "string" } },
    "stack export",
  );
  const context = new Context(parsed);
  const name = context.stack();
  // Read completely first, so that a damaged checkpoint gives an error instead of output.
  const snapshot = flag(parsed, "show-secrets")
    ? await readSnapshot(context.layout, name, undefined, new SecretMask())
    : undefined;
  const stored = JSON.parse(readCheckpointText(context.layout, name)) as JsonMap;
  const latest = ((stored.checkpoint as JsonMap).latest ?? {}) as JsonMap;
  const show = (state: ResourceState): Json => storeResource(state, inTheClear);
  const deployment = snapshot
    ? {
        ...latest,
        ...(snapshot.resources.length > 0 ? { resources: snapshot.resources.map(show) } : {}),
        ...(snapshot.pendingOperations.length > 0
          ? {
              pending_operations: snapshot.pendingOperations.map(({ resource, type }) => ({
                resource: show(resource),
                type,
              })),
            }
          : {}),
      }
    : latest;
  const features = stored.features === undefined ? {} : { features: stored.features };
  const document = `${JSON.stringify({ version: stored.version, ...features, deployment }, undefined, 4)}\n`;
  const file = text(parsed, "file");
  if (file === undefined) process.stdout.write(document);
  else writeFileSync(file, document, { mode: 0o600 });
  return 0;
}

export async function importStack(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    args,
    { file: { kind: "string" }, force: { kind: "boolean", short: "f" } },
    "stack import",
  );
  const context = new Context(parsed);
  const name = context.stack();
  const source = text(parsed, "file") ?? "/dev/stdin";
  let raw: RawDeployment;
  try {
    const document = JSON.parse(readFileSync(source, "utf8")) as JsonMap;
    if (document.deployment === undefined || document.deployment === null) throw new Error("it has no deployment");
    checkVersion(document.version, document.features);
    raw = readDeployment(document.deployment as JsonMap, "deployment");
  } catch (error) {
    throw new UserError(`could not read deployment ${source}: ${messageOf(error)}`, { cause: error });
  }
  const secrets = await openSecrets(raw.salt);
  const encrypted = hasSecrets([...raw.resources, ...raw.pendingOperations]);
  const snapshot = restoreSnapshot(raw, () => secrets.crypter, source);
  const foreign = snapshot.resources.find(({ urn }) => !urn.startsWith(`urn:pulumi:${name.stack}::${name.project}::`));
  if (foreign && !flag(parsed, "force"))
    throw new UserError(`resource '${foreign.urn}' is from a different stack; pass --force to import it anyway`);
  const lock = takeLock(context.layout, name);
  try {
    const writer = new CheckpointWriter(qualifiedName(name), secrets.salt, encrypting(secrets.crypter));
    saveCheckpointSync(context.layout, name, writer.contents(snapshot.resources, snapshot.pendingOperations));
  } finally {
    lock.release();
  }
  process.stdout.write(encrypted ? "Import complete (secrets kept).\n" : "Import complete.\n");
  return 0;
}
