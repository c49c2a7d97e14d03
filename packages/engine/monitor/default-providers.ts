/**
 * Default providers: registered when a package is first needed, once per version.
 * @module
 */
import type { ConfigMap } from "../project/config-value.ts";
import { makeSecret, type PropertyMap, type Value } from "../properties/value.ts";
import { DYNAMIC_PACKAGE } from "../providers/registry.ts";
import { blankGoal, type Goal } from "../resources/goal.ts";
import type { ResourceState } from "../resources/state.ts";
import { defaultProviderName, formatProviderReference, providerTypeOf } from "../resources/urn.ts";

/** The decrypted config of the stack: texts by full key, and which of them are secret. */
export interface ProgramConfig {
  readonly texts: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly raw: ConfigMap;
}

/** Returns a provider's configuration: the keys of its namespace, or the whole config for dynamic resources. */
function packageConfig(pkg: string, config: ProgramConfig): PropertyMap {
  const entries = Object.entries(config.texts).flatMap(([key, text]): [string, Value][] => {
    const [namespace, name = ""] = key.split(":");
    const value = config.secretKeys.includes(key) ? makeSecret(text) : text;
    if (pkg === DYNAMIC_PACKAGE) return [[key, value]];
    return namespace === pkg ? [[name, value]] : [];
  });
  return Object.fromEntries(entries);
}

function defaultProviderGoal(pkg: string, version: string, url: string, config: ProgramConfig): Goal {
  const versioned: PropertyMap = version === "" ? {} : { version };
  const plugin: PropertyMap = url === "" ? {} : { pluginDownloadURL: url };
  // `__internal` holds the engine's own data about a provider, and is present only if there is any.
  const internal: PropertyMap = version === "" && url === "" ? {} : { __internal: plugin };
  return {
    ...blankGoal(providerTypeOf(pkg), defaultProviderName(version)),
    properties: { ...packageConfig(pkg, config), ...versioned, ...internal },
  };
}

export class DefaultProviders {
  readonly #references = new Map<string, Promise<string>>();
  readonly #config: ProgramConfig;
  readonly #register: (goal: Goal) => Promise<ResourceState>;

  constructor(config: ProgramConfig, register: (goal: Goal) => Promise<ResourceState>) {
    this.#config = config;
    this.#register = register;
  }

  /** Returns the reference of a package's default provider, and registers it on the first call. */
  reference(pkg: string, version: string, url: string): Promise<string> {
    const key = `${pkg}@${version}@${url}`;
    const known = this.#references.get(key);
    if (known) return known;
    const reference = this.#register(defaultProviderGoal(pkg, version, url, this.#config)).then(
      formatProviderReference,
    );
    this.#references.set(key, reference);
    return reference;
  }
}
