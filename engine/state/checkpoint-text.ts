/**
 * The text of a checkpoint. Each resource's part is kept, so that a step costs what it changed and not the whole stack.
 * @module
 */
import type { SecretWriter } from "../properties/stored.ts";
import type { PendingOperation, ResourceState } from "../resources/state.ts";
import { manifest } from "./checkpoint.ts";
import { normaliseUrns } from "./normalise-urns.ts";
import { storeResource } from "./stored-resource.ts";

/** The fields of a state that change after it was first written. */
const MUTABLE = [
  "inputs",
  "outputs",
  "id",
  "delete",
  "pendingReplacement",
  "modified",
  "created",
  "parent",
  "dependencies",
  "propertyDependencies",
  "initErrors",
] as const;

export class CheckpointWriter {
  readonly #stack: string;
  readonly #salt: string;
  readonly #write: SecretWriter;
  readonly #texts = new WeakMap<ResourceState, { readonly stamp: readonly unknown[]; readonly text: string }>();

  constructor(stack: string, salt: string, write: SecretWriter) {
    this.#stack = stack;
    this.#salt = salt;
    this.#write = write;
  }

  #textOf(state: ResourceState): string {
    const known = this.#texts.get(state);
    if (known && MUTABLE.every((key, i) => known.stamp[i] === state[key])) return known.text;
    const text = JSON.stringify(storeResource(state, this.#write));
    this.#texts.set(state, { stamp: MUTABLE.map((key) => state[key]), text });
    return text;
  }

  text(states: readonly ResourceState[], operations: readonly PendingOperation[]): string {
    const resources = normaliseUrns(states);
    const latest = [
      `"manifest":${JSON.stringify(manifest())}`,
      `"secrets_providers":${JSON.stringify({ type: "passphrase", state: { salt: this.#salt } })}`,
    ];
    if (resources.length > 0) latest.push(`"resources":[${resources.map((state) => this.#textOf(state)).join(",")}]`);
    if (operations.length > 0)
      latest.push(
        `"pending_operations":[${operations.map((o) => `{"resource":${this.#textOf(o.resource)},"type":${JSON.stringify(o.type)}}`).join(",")}]`,
      );
    latest.push('"metadata":{}');
    const features = featuresOf(resources);
    const version = features.length > 0 ? `"version":4,"features":${JSON.stringify(features)}` : '"version":3';
    return `{${version},"checkpoint":{"stack":${JSON.stringify(this.#stack)},"latest":{${latest.join(",")}}}}`;
  }
}

/** A reader that does not know these must not read the state: schema 4 names them. */
function featuresOf(resources: readonly ResourceState[]): string[] {
  const features = new Set<string>();
  for (const state of resources) {
    if (state.refreshBeforeUpdate) features.add("refreshBeforeUpdate");
    if (state.taint) features.add("taint");
    if (state.replaceWith.length > 0) features.add("replaceWith");
  }
  return [...features].sort();
}
