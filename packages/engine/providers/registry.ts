/**
 * The providers of a run, by reference. Because providers are resources, the registry is their provider.
 * @module
 */
import { randomUUID } from "node:crypto";
import { needsPulumiCli } from "../failure.ts";
import { diffPaths, formatDiffPaths } from "../properties/diff.ts";
import type { PropertyMap } from "../properties/value.ts";
import { equal } from "../properties/walk.ts";
import { formatProviderReference, providerPackageOf, typeOf } from "../resources/urn.ts";
import {
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  NO_DIFF,
  type Provider,
  type ReadResult,
  type UpdateRequest,
} from "./provider.ts";

/** Creates a configured provider of a package. */
export type ProviderFactory = (config: PropertyMap) => Provider;

export const DYNAMIC_PACKAGE = "pulumi-nodejs";
/** The command plugin's framework records its version in the provider's state. */
const COMMAND_FRAMEWORK = { "__pulumi-go-provider-version": "1.2.0" };
/** Placeholder for an id that a preview cannot know. */
const UNKNOWN_ID = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Removes the engine's own data, which providers must not get. */
const withoutInternal = ({ __internal: _internal, ...rest }: PropertyMap): PropertyMap => rest;

export class ProviderRegistry implements Provider {
  readonly #factories: Readonly<Record<string, ProviderFactory>>;
  readonly #providers = new Map<string, Provider>();

  constructor(factories: Readonly<Record<string, ProviderFactory>>) {
    this.#factories = factories;
  }

  get(reference: string): Provider | undefined {
    return this.#providers.get(reference);
  }

  #factory(urn: string): ProviderFactory {
    const pkg = providerPackageOf(typeOf(urn));
    const factory = Object.hasOwn(this.#factories, pkg) ? this.#factories[pkg] : undefined;
    if (!factory) throw needsPulumiCli(`The provider "${pkg}"`);
    return factory;
  }

  /** Creates the provider of a reference unless it already exists. */
  load(urn: string, id: string, inputs: PropertyMap): void {
    const reference = formatProviderReference({ urn, id });
    if (!this.#providers.has(reference)) this.#providers.set(reference, this.#factory(urn)(withoutInternal(inputs)));
  }

  #replace(urn: string, id: string, inputs: PropertyMap): void {
    this.#providers.delete(formatProviderReference({ urn, id }));
    this.load(urn, id, inputs);
  }

  async check({ urn, news }: CheckRequest): Promise<CheckResult> {
    this.#factory(urn);
    const framework = typeOf(urn) === "pulumi:providers:command" ? COMMAND_FRAMEWORK : {};
    return { inputs: { ...news, ...framework }, failures: [] };
  }

  async diff({ urn, oldInputs, oldOutputs, newInputs }: DiffRequest): Promise<DiffResult> {
    const next = withoutInternal(newInputs);
    if (typeOf(urn) === "pulumi:providers:command") return diffCommandConfig(withoutInternal(oldInputs), next);
    if (typeOf(urn) === "pulumi:providers:pulumi") return NO_DIFF;
    // A provider that does not compare its configuration is updated, never replaced.
    return equal(oldOutputs, next) ? NO_DIFF : { ...NO_DIFF, changes: "some" };
  }

  async create({ urn, inputs, preview }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const id = preview ? UNKNOWN_ID : randomUUID();
    this.load(urn, id, inputs);
    return { id, outputs: withoutInternal(inputs) };
  }

  async update({ urn, id, inputs }: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    this.#replace(urn, id, inputs);
    return { outputs: withoutInternal(inputs) };
  }

  read(): Promise<ReadResult> {
    return Promise.reject(new Error("provider resources may not be read"));
  }

  async delete({ urn, id }: DeleteRequest): Promise<void> {
    this.#providers.delete(formatProviderReference({ urn, id }));
  }
}

/** Compares the command provider's configuration: any change but its version replaces it. Ignores internal keys, which begin with `__`. */
function diffCommandConfig(oldInputs: PropertyMap, newInputs: PropertyMap): DiffResult {
  const visible = (map: PropertyMap) =>
    Object.fromEntries(Object.entries(map).filter(([key]) => key !== "version" && !key.startsWith("__")));
  const paths = diffPaths(visible(oldInputs), visible(newInputs));
  if (paths.length === 0) return NO_DIFF;
  const keys = formatDiffPaths(paths);
  return { ...NO_DIFF, changes: "some", changedKeys: keys, replaceKeys: keys };
}
