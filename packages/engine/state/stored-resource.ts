/**
 * Converts a resource to and from its entry in a checkpoint (deployment schema 3).
 * @module
 */
import { type Json, restore, restoreMap, type SecretWriter, store, storeMap } from "../properties/stored.ts";
import { blankState, type CustomTimeouts, type ResourceState } from "../resources/state.ts";
import type { Crypter } from "../secrets/crypter.ts";

export type JsonMap = { [key: string]: Json };

/** Serializes a resource. Like the CLI, omits empty values. */
export function storeResource(state: ResourceState, write: SecretWriter): JsonMap {
  const entry: JsonMap = { urn: state.urn, custom: state.custom };
  const put = (key: string, value: Json | undefined) => {
    if (value === undefined || value === null || value === false || value === "") return;
    if (Array.isArray(value) ? value.length === 0 : typeof value === "object" && Object.keys(value).length === 0)
      return;
    entry[key] = value;
  };
  put("delete", state.delete);
  put("id", state.id);
  entry.type = state.type;
  put("inputs", storeMap(state.inputs, write));
  put("outputs", state.outputs && storeMap(state.outputs, write));
  put("parent", state.parent);
  put("protect", state.protect);
  put("taint", state.taint);
  put("external", state.external);
  put("dependencies", [...state.dependencies]);
  put("initErrors", [...state.initErrors]);
  put("provider", state.provider);
  put("propertyDependencies", state.propertyDependencies as JsonMap | undefined);
  put("pendingReplacement", state.pendingReplacement);
  put("additionalSecretOutputs", [...state.additionalSecretOutputs]);
  put("aliases", [...state.aliases]);
  put("customTimeouts", state.customTimeouts as JsonMap | undefined);
  put("importID", state.importID);
  put("retainOnDelete", state.retainOnDelete);
  put("deletedWith", state.deletedWith);
  put("replaceWith", [...state.replaceWith]);
  put("created", state.created);
  put("modified", state.modified);
  put("sourcePosition", state.sourcePosition);
  put("stackTrace", state.stackTrace as unknown as Json);
  put("ignoreChanges", [...state.ignoreChanges]);
  put("hideDiff", state.hideDiff as unknown as Json);
  put("replaceOnChanges", [...state.replaceOnChanges]);
  put("replacementTrigger", store(state.replacementTrigger, write));
  put("refreshBeforeUpdate", state.refreshBeforeUpdate);
  return entry;
}

/** Fields of newer deployments that this engine would lose; such a state is rejected. */
const UNSUPPORTED = ["viewOf", "resourceHooks", "extensionRef", "snippetID"];

/** Parses an entry. @throws Error that describes the problem */
export function restoreResource(entry: Json, crypter: () => Crypter): ResourceState {
  if (entry === null || typeof entry !== "object" || Array.isArray(entry)) throw new Error("is not an object");
  const text = (key: string): string => {
    const value = entry[key] ?? "";
    if (typeof value !== "string") throw new Error(`"${key}" is not a string`);
    return value;
  };
  const flag = (key: string): boolean => {
    const value = entry[key] ?? false;
    if (typeof value !== "boolean") throw new Error(`"${key}" is not true or false`);
    return value;
  };
  const texts = (key: string): string[] => {
    const value = entry[key] ?? [];
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
      throw new Error(`"${key}" is not a list of strings`);
    return value as string[];
  };
  const map = (key: string): JsonMap | undefined => {
    const value = entry[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw new Error(`"${key}" is not an object`);
    return value;
  };
  const properties = (key: string) => {
    const value = map(key);
    try {
      return value && restoreMap(value, crypter);
    } catch (error) {
      throw new Error(`"${key}" cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  };
  const urn = text("urn");
  if (urn === "") throw new Error('has no "urn"');
  if (urn.split("::").length < 4) throw new Error(`"urn" is not a URN: ${urn}`);
  const type = text("type");
  if (type === "") throw new Error('has no "type"');
  for (const key of UNSUPPORTED)
    if (entry[key] !== undefined) throw new Error(`uses "${key}", which requires the Pulumi CLI`);
  const propertyDependencies = map("propertyDependencies");
  for (const [key, urns] of Object.entries(propertyDependencies ?? {}))
    if (urns !== null && !Array.isArray(urns)) throw new Error(`"propertyDependencies.${key}" is not a list`);
  return {
    ...blankState(type, urn),
    custom: flag("custom"),
    delete: flag("delete"),
    id: text("id"),
    inputs: properties("inputs") ?? {},
    outputs: properties("outputs") ?? {},
    parent: text("parent"),
    protect: flag("protect"),
    taint: flag("taint"),
    external: flag("external"),
    dependencies: texts("dependencies"),
    initErrors: texts("initErrors"),
    provider: text("provider"),
    propertyDependencies: propertyDependencies && (dropNulls(propertyDependencies) as Record<string, string[]>),
    pendingReplacement: flag("pendingReplacement"),
    additionalSecretOutputs: texts("additionalSecretOutputs"),
    aliases: texts("aliases"),
    customTimeouts: map("customTimeouts") as CustomTimeouts | undefined,
    importID: text("importID"),
    retainOnDelete: flag("retainOnDelete"),
    deletedWith: text("deletedWith"),
    replaceWith: texts("replaceWith"),
    created: text("created") || undefined,
    modified: text("modified") || undefined,
    sourcePosition: text("sourcePosition"),
    stackTrace: (entry.stackTrace ?? []) as unknown as ResourceState["stackTrace"],
    ignoreChanges: texts("ignoreChanges"),
    hideDiff: (entry.hideDiff ?? []) as unknown as ResourceState["hideDiff"],
    replaceOnChanges: texts("replaceOnChanges"),
    replacementTrigger: entry.replacementTrigger === undefined ? null : restore(entry.replacementTrigger, crypter),
    refreshBeforeUpdate: flag("refreshBeforeUpdate"),
  };
}

const dropNulls = (map: JsonMap): JsonMap =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? []]));
