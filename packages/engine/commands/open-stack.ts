/**
 * Opens a stack: its config and state, decrypted.
 * @module
 */
import type { ProgramConfig } from "../monitor/default-providers.ts";
import { type ConfigMap, decryptValue, hasSecure, secretsOf, textOf } from "../project/config-value.ts";
import { applyDefaults, validateConfig } from "../project/declared-config.ts";
import type { Project } from "../project/project.ts";
import { readStackConfig, type StackConfig } from "../project/stack-config.ts";
import type { Json } from "../properties/stored.ts";
import { SIGNATURES } from "../properties/value.ts";
import type { Crypter } from "../secrets/crypter.ts";
import type { SecretMask } from "../secrets/mask.ts";
import { loadDeployment } from "../state/backend.ts";
import { type RawDeployment, restoreSnapshot, type Snapshot } from "../state/checkpoint.ts";
import type { Layout, StackName } from "../state/layout.ts";
import { openSecrets, type StackSecrets } from "./secrets.ts";

const NOT_NEEDED: () => Crypter = () => {
  throw new Error("nothing to decrypt was expected");
};

/** Whether any part of a deployment is encrypted. */
export const hasSecrets = (json: readonly Json[]): boolean => JSON.stringify(json).includes(SIGNATURES.secret);

export interface OpenConfig {
  readonly stackConfig: StackConfig;
  readonly config: ConfigMap;
  readonly program: ProgramConfig;
}

/** Opens the config as the program gets it: with defaults, validated, decrypted. */
export async function openConfig(
  project: Project,
  name: StackName,
  stackConfig: StackConfig,
  secrets: () => Promise<StackSecrets>,
  mask: SecretMask,
  /** Whether to validate: a refresh or a destroy runs no program that needs the config. */
  runsProgram: boolean,
): Promise<OpenConfig> {
  const config = applyDefaults(project, stackConfig.config);
  const secretKeys = Object.keys(config).filter((key) => hasSecure(config[key] ?? null));
  const crypter = secretKeys.length > 0 ? (await secrets()).crypter : undefined;
  const open = crypter ? () => crypter : NOT_NEEDED;
  for (const key of secretKeys) for (const secret of secretsOf(config[key] ?? null, open)) mask.add(secret);
  if (runsProgram) validateConfig(project, config, name.stack, open);
  const texts = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, textOf(decryptValue(value, open))]),
  );
  // The program gets a structured secret as one text, which must not be shown either.
  for (const key of secretKeys) mask.add(texts[key] ?? "");
  return { stackConfig, config, program: { texts, secretKeys, raw: config } };
}

export const readConfigOf = (file: string, project: Project): StackConfig => readStackConfig(file, project.name);

/** Opens the state; waits for the key only if there is something to decrypt. */
export async function openSnapshot(
  layout: Layout,
  name: StackName,
  raw: RawDeployment,
  secrets: () => Promise<StackSecrets>,
  mask: SecretMask,
): Promise<Snapshot> {
  const encrypted = hasSecrets([...raw.resources, ...raw.pendingOperations]);
  let crypter: Crypter | undefined;
  if (encrypted) {
    const own = await secrets();
    // A state with a different salt is read with that salt, and written with the config's.
    crypter = raw.salt === undefined || raw.salt === own.salt ? own.crypter : (await openSecrets(raw.salt)).crypter;
  }
  const snapshot = restoreSnapshot(raw, crypter ? () => crypter : NOT_NEEDED, layout.checkpoint(name));
  if (encrypted)
    for (const { inputs, outputs } of snapshot.resources) {
      mask.addAll(inputs);
      mask.addAll(outputs ?? {});
    }
  return snapshot;
}

export async function readSnapshot(
  layout: Layout,
  name: StackName,
  salt: string | undefined,
  mask: SecretMask,
): Promise<Snapshot> {
  const raw = loadDeployment(layout, name);
  return openSnapshot(layout, name, raw, () => openSecrets(raw.salt ?? salt), mask);
}
