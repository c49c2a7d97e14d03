/**
 * The state of one resource, as stored in the checkpoint.
 * @module
 */
import type { PropertyMap, Value } from "../properties/value.ts";

export interface CustomTimeouts {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
  readonly read?: number;
}

export interface ResourceState {
  readonly type: string;
  urn: string;
  readonly custom: boolean;
  /** Replaced, and not yet deleted. */
  delete: boolean;
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap | undefined;
  parent: string;
  readonly protect: boolean;
  readonly taint: boolean;
  /** Read, not owned. */
  readonly external: boolean;
  dependencies: readonly string[];
  initErrors: readonly string[];
  provider: string;
  propertyDependencies: Readonly<Record<string, readonly string[]>> | undefined;
  /** Deleted before its replacement, which has not been created yet. */
  pendingReplacement: boolean;
  readonly additionalSecretOutputs: readonly string[];
  aliases: readonly string[];
  readonly customTimeouts: CustomTimeouts | undefined;
  readonly importID: string;
  readonly retainOnDelete: boolean;
  deletedWith: string;
  replaceWith: readonly string[];
  created: string | undefined;
  modified: string | undefined;
  readonly sourcePosition: string;
  readonly stackTrace: readonly { readonly sourcePosition?: string }[];
  readonly ignoreChanges: readonly string[];
  readonly hideDiff: readonly (readonly (string | number)[])[];
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: Value;
  readonly refreshBeforeUpdate: boolean;
}

export const blankState = (type: string, urn: string): ResourceState => ({
  type,
  urn,
  custom: false,
  delete: false,
  id: "",
  inputs: {},
  outputs: undefined,
  parent: "",
  protect: false,
  taint: false,
  external: false,
  dependencies: [],
  initErrors: [],
  provider: "",
  propertyDependencies: undefined,
  pendingReplacement: false,
  additionalSecretOutputs: [],
  aliases: [],
  customTimeouts: undefined,
  importID: "",
  retainOnDelete: false,
  deletedWith: "",
  replaceWith: [],
  created: undefined,
  modified: undefined,
  sourcePosition: "",
  stackTrace: [],
  ignoreChanges: [],
  hideDiff: [],
  replaceOnChanges: [],
  replacementTrigger: null,
  refreshBeforeUpdate: false,
});

export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";
/** An operation that started and may not have finished. */
export interface PendingOperation {
  readonly resource: ResourceState;
  readonly type: OperationType;
}

type DependencyKind = "parent" | "dependency" | "property" | "deletedWith" | "replaceWith";
export interface Dependency {
  readonly kind: DependencyKind;
  readonly urn: string;
  readonly key?: string;
}

/** Returns all dependencies except the provider. */
export function dependenciesOf(state: ResourceState): Dependency[] {
  const found: Dependency[] = [];
  if (state.parent !== "") found.push({ kind: "parent", urn: state.parent });
  for (const urn of state.dependencies) found.push({ kind: "dependency", urn });
  for (const [key, urns] of Object.entries(state.propertyDependencies ?? {}))
    for (const urn of urns) found.push({ kind: "property", urn, key });
  if (state.deletedWith !== "") found.push({ kind: "deletedWith", urn: state.deletedWith });
  for (const urn of state.replaceWith) found.push({ kind: "replaceWith", urn });
  return found.filter(({ urn }) => urn !== "");
}
