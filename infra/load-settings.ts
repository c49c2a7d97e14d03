import * as pulumi from "@pulumi/pulumi";
import type { RegistryInput } from "../registry/registry-input.ts";
import { serviceProblem } from "./service-problem.ts";
import { parseSettings, SECRETS, type Settings, settingKeys } from "./settings.ts";
import { unreadKeys } from "./unread-keys.ts";

export interface LoadedSettings {
  readonly settings: Settings;
  /** Whether the stack sets the model's name. */
  readonly namesModel: boolean;
  /** Warnings about keys that are set but not read, or set in an unintended way. */
  readonly warnings: readonly string[];
}

/** Reads and validates the config of the current stack. Throws RunError, which the engine shows without a stack trace. */
export function loadSettings(): LoadedSettings {
  const config = new pulumi.Config();
  const raw: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const text = config.get(key);
    if (text !== undefined) raw[key] = parseValue(text, key !== "data");
  }
  // Unknown keys are included so that typos are reported.
  const known = new Set([...settingKeys, ...SECRETS].map((key) => `${config.name}:${key}`));
  for (const key of Object.keys(pulumi.runtime.allConfig()))
    if (key.startsWith(`${config.name}:`) && !known.has(key)) raw[key.slice(config.name.length + 1)] = undefined;
  try {
    const settings = parseSettings(raw, pulumi.getStack());
    // Only their presence is checked.
    const secrets = Object.fromEntries(SECRETS.map((key) => [key, pulumi.runtime.getConfig(`${config.name}:${key}`)]));
    const warnings = unreadKeys({ ...raw, ...secrets }, settings, pulumi.getStack());
    const problem = serviceProblem(settings, secrets.serviceApiToken);
    if (problem !== undefined) throw new Error(problem);
    if (isEncrypted(`${config.name}:imageRegistryUsername`)) warnings.push(MASKED_NAMES);
    return { settings, namesModel: Boolean(raw.modelName), warnings };
  } catch (error) {
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

const MASKED_NAMES =
  "imageRegistryUsername is encrypted\nPulumi masks its text wherever it appears, including in image names. " +
  "A user name does not need to be secret: pulumi config set imageRegistryUsername <name>";

/** Missing from the SDK's types. */
const isEncrypted = (key: string): boolean =>
  (pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean }).isConfigSecret?.(key) ?? false;

/** Returns the credentials of the registry at this URL. */
export function registryAccess(trackingUri: pulumi.Input<string>): RegistryInput {
  const config = new pulumi.Config();
  const username = config.getSecret("mlflowUsername");
  const password = config.getSecret("mlflowPassword");
  const token = config.getSecret("mlflowToken");
  return { trackingUri, ...(username && { username }), ...(password && { password }), ...(token && { token }) };
}

/** Token that callers of the service must send; undefined if none is required. */
export const serviceApiToken = (): pulumi.Output<string> | undefined =>
  new pulumi.Config().getSecret("serviceApiToken");

/** PEM of the Ed25519 private key that signs the gate's verdicts; undefined if the stack has none. */
export const gateSigningKey = (): pulumi.Output<string> | undefined => new pulumi.Config().getSecret("gateSigningKey");

/**
 * Parses a config value: the engine passes objects as JSON, plain values as text. `config set --path` writes decimal numbers as text
 * (`min: "0.85"`), so numeric text inside objects is parsed as a number.
 * @param parsesNumbers false to keep numeric text, such as a missing-value marker 007
 */
function parseValue(text: string, parsesNumbers: boolean): unknown {
  if (!/^[{[]/.test(text)) return text;
  try {
    return JSON.parse(text, (_key, value) =>
      parsesNumbers && typeof value === "string" && /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value) ? Number(value) : value,
    );
  } catch {
    // Kept as text, so that the validation error shows it with its key.
    return text;
  }
}
