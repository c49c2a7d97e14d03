import * as pulumi from "@pulumi/pulumi";
import type { RegistryInput } from "../registry/registry-input.ts";
import { serviceProblem } from "./service-problem.ts";
import { parseSettings, SECRETS, type Settings, settingKeys } from "./settings.ts";
import { unreadKeys } from "./unread-keys.ts";

export interface LoadedSettings {
  readonly settings: Settings;
  /** Whether the stack says whose model it is. */
  readonly namesModel: boolean;
  /** For keys that are set but not read, or set in an unintended way. */
  readonly warnings: readonly string[];
}

/** Reads and checks the config of the stack that is being deployed. Throws RunError, which the engine shows without a stack trace. */
export function loadSettings(): LoadedSettings {
  const config = new pulumi.Config();
  const raw: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const text = config.get(key);
    if (text !== undefined) raw[key] = parseValue(text, key !== "data");
  }
  // A key that nobody reads is a typing error that would pass unnoticed.
  const known = new Set([...settingKeys, ...SECRETS].map((key) => `${config.name}:${key}`));
  for (const key of Object.keys(pulumi.runtime.allConfig()))
    if (key.startsWith(`${config.name}:`) && !known.has(key)) raw[key.slice(config.name.length + 1)] = undefined;
  try {
    const settings = parseSettings(raw, pulumi.getStack());
    // Only used to tell whether they are set.
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

/** The SDK has this function, but not in its types. */
const isEncrypted = (key: string): boolean =>
  (pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean }).isConfigSecret?.(key) ?? false;

/** How to sign in to the registry at this URL. */
export function registryAccess(trackingUri: pulumi.Input<string>): RegistryInput {
  const config = new pulumi.Config();
  const username = config.getSecret("mlflowUsername");
  const password = config.getSecret("mlflowPassword");
  const token = config.getSecret("mlflowToken");
  return { trackingUri, ...(username && { username }), ...(password && { password }), ...(token && { token }) };
}

/** What the service asks its callers for; undefined where it asks for nothing. */
export const serviceApiToken = (): pulumi.Output<string> | undefined =>
  new pulumi.Config().getSecret("serviceApiToken");

/** PEM of the Ed25519 private key that gate verdicts are signed with; undefined when the stack has none. */
export const gateSigningKey = (): pulumi.Output<string> | undefined => new pulumi.Config().getSecret("gateSigningKey");

/**
 * The engine hands objects over as JSON, plain values as text. `config set --path` writes decimal numbers as text
 * (`min: "0.85"`), so text that is a number counts as one inside objects.
 * @param areNumbers false where texts must stay as they are, such as the text 007 of a missing value
 */
function parseValue(text: string, areNumbers: boolean): unknown {
  if (!/^[{[]/.test(text)) return text;
  try {
    return JSON.parse(text, (_key, value) =>
      areNumbers && typeof value === "string" && /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value) ? Number(value) : value,
    );
  } catch {
    // Shown as it is, with the key that it stands at.
    return text;
  }
}
