/**
 * A goal: one registration by the program, with all its options.
 * @module
 */
import type { PropertyMap, Value } from "../properties/value.ts";
import type { CustomTimeouts, ResourceState } from "./state.ts";

export interface Alias {
  readonly urn?: string;
  readonly name?: string;
  readonly type?: string;
  readonly stack?: string;
  readonly project?: string;
  readonly parent?: string;
  readonly noParent?: boolean;
}

export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly properties: PropertyMap;
  readonly parent: string;
  readonly protect: boolean | undefined;
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>> | undefined;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  readonly customTimeouts: CustomTimeouts | undefined;
  readonly replaceOnChanges: readonly string[];
  readonly replacementTrigger: Value;
  readonly retainOnDelete: boolean | undefined;
  readonly deletedWith: string;
  readonly replaceWith: readonly string[];
  readonly hideDiff: readonly (readonly (string | number)[])[];
  readonly sourcePosition: string;
  readonly stackTrace: readonly { readonly sourcePosition?: string }[];
}

export const blankGoal = (type: string, name: string): Goal => ({
  type,
  name,
  custom: true,
  properties: {},
  parent: "",
  protect: undefined,
  dependencies: [],
  provider: "",
  propertyDependencies: undefined,
  deleteBeforeReplace: undefined,
  ignoreChanges: [],
  additionalSecretOutputs: [],
  aliases: [],
  customTimeouts: undefined,
  replaceOnChanges: [],
  replacementTrigger: null,
  retainOnDelete: undefined,
  deletedWith: "",
  replaceWith: [],
  hideDiff: [],
  sourcePosition: "",
  stackTrace: [],
});

/** A request to read a resource that the stack does not own. */
export interface ReadRequest {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent: string;
  readonly provider: string;
  readonly properties: PropertyMap;
  readonly dependencies: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly sourcePosition: string;
  readonly stackTrace: readonly { readonly sourcePosition?: string }[];
}

/** Creates the new state of a goal, before any provider call. */
export function stateFromGoal(
  goal: Goal,
  urn: string,
  old: ResourceState | undefined,
  alias: string | undefined,
): ResourceState {
  return {
    type: goal.type,
    urn,
    custom: goal.custom,
    delete: false,
    id: "",
    inputs: goal.properties,
    outputs: undefined,
    parent: goal.parent,
    protect: goal.protect ?? false,
    taint: false,
    external: false,
    dependencies: goal.dependencies,
    initErrors: [],
    provider: goal.provider,
    propertyDependencies: goal.propertyDependencies,
    pendingReplacement: false,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    aliases: alias === undefined ? [] : [alias],
    customTimeouts: goal.customTimeouts,
    importID: "",
    retainOnDelete: goal.retainOnDelete ?? false,
    deletedWith: goal.deletedWith,
    replaceWith: goal.replaceWith,
    created: old?.created,
    modified: old?.modified,
    sourcePosition: goal.sourcePosition,
    stackTrace: goal.stackTrace,
    ignoreChanges: goal.ignoreChanges,
    hideDiff: goal.hideDiff,
    replaceOnChanges: goal.replaceOnChanges,
    replacementTrigger: goal.replacementTrigger,
    refreshBeforeUpdate: old?.refreshBeforeUpdate ?? false,
  };
}
