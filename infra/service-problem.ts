import { readSettings, SettingsError } from "../service/settings.ts";
import type { Settings } from "./settings.ts";

/** Config keys of the service's environment variables. */
const KEYS: Readonly<Record<string, string>> = { API_TOKEN: "serviceApiToken", OTHER_URL: "service.otherUrl" };

/**
 * Validates the config by the service's own rules, before a rollout could only show a container that does not become ready.
 * @param apiToken never shown
 * @returns why the service would refuse to start, or undefined if it would start
 */
export function serviceProblem({ target, service, kubernetes }: Settings, apiToken?: string): string | undefined {
  const environment: Readonly<Record<string, string>> =
    target === "kubernetes" ? (kubernetes?.service.environment ?? {}) : {};
  try {
    readSettings({
      ...environment,
      MODEL_URI: "the program's",
      API_TOKEN: apiToken,
      OTHER_URL: service.otherUrl,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const where = (name: string) =>
      KEYS[name] ?? (name in environment ? `kubernetes.service.environment.${name}` : name);
    return `the service would refuse to start: ${error.message.replace(/(?<=^|; )[A-Z_]+/g, where)}`;
  }
}
