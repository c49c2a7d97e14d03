import { readSettings, SettingsError } from "../service/settings.ts";
import type { Settings } from "./settings.ts";

/** Where the config has what the service reads from its environment. */
const KEYS: Readonly<Record<string, string>> = { API_TOKEN: "serviceApiToken", OTHER_URL: "service.otherUrl" };

/**
 * Why the service would refuse to start with what config gives it, by the service's own rules: said before a rollout, which would only show a
 * container that does not get ready.
 * @param apiToken its value is not shown
 * @returns undefined when nothing speaks against it
 */
export function serviceProblem({ target, service, kubernetes }: Settings, apiToken?: string): string | undefined {
  const environment: Readonly<Record<string, string>> =
    target === "kubernetes" ? (kubernetes?.service.environment ?? {}) : {};
  try {
    readSettings({
      ...environment,
      ...{ MODEL_URI: "the program's", API_TOKEN: apiToken, OTHER_URL: service.otherUrl },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const where = (name: string) =>
      KEYS[name] ?? (name in environment ? `kubernetes.service.environment.${name}` : name);
    return `the service would refuse to start: ${error.message.replace(/(?<=^|; )[A-Z_]+/g, where)}`;
  }
}
