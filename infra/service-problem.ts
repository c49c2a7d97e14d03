import { readSettings, SettingsError } from "../service/settings.ts";
import type { Settings } from "./settings.ts";

/** Config key of each variable that the service reads. */
const KEYS: Readonly<Record<string, string>> = { API_TOKEN: "serviceApiToken", OTHER_URL: "service.otherUrl" };

/**
 * Checks by the service's own rules whether it would refuse to start with this config. Reported before a rollout, which would only show a
 * container that does not become ready.
 * @param apiToken its value is not shown
 * @returns the reason; undefined if there is none
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
