/**
 * Serializes a checkpoint to UTF-8. The bytes of each resource are cached, so that a step serializes only what it changed and copies
 * the rest.
 * @module
 */
import type { SecretWriter } from "../properties/stored.ts";
import type { PendingOperation, ResourceState } from "../resources/state.ts";
import { manifest } from "./checkpoint.ts";
import { normaliseUrns } from "./normalise-urns.ts";
import { storeResource } from "./stored-resource.ts";

/** Fields of a state that can change after it has been written. */
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
  readonly #parts = new WeakMap<ResourceState, { readonly stamp: readonly unknown[]; readonly bytes: Buffer }>();

  #joined: Buffer = Buffer.alloc(0);

  constructor(stack: string, salt: string, write: SecretWriter) {
    this.#stack = stack;
    this.#salt = salt;
    this.#write = write;
  }

  /** Serializes a state, with a leading comma. */
  #bytesOf(state: ResourceState): Buffer {
    const cached = this.#parts.get(state);
    if (cached && MUTABLE.every((key, i) => cached.stamp[i] === state[key])) return cached.bytes;
    const bytes = Buffer.from(`,${JSON.stringify(storeResource(state, this.#write))}`);
    this.#parts.set(state, { stamp: MUTABLE.map((key) => state[key]), bytes });
    return bytes;
  }

  /** Serializes a checkpoint. The buffer is reused by the next call, which spares the garbage collector one buffer per write. */
  contents(states: readonly ResourceState[], operations: readonly PendingOperation[]): Buffer {
    const resources = normaliseUrns(states);
    const features = featuresOf(resources);
    const version = features.length > 0 ? `"version":4,"features":${JSON.stringify(features)}` : '"version":3';
    const salt = { type: "passphrase", state: { salt: this.#salt } };
    const parts = [
      `{${version},"checkpoint":{"stack":${JSON.stringify(this.#stack)},"latest":{`,
      `"manifest":${JSON.stringify(manifest())},"secrets_providers":${JSON.stringify(salt)},`,
      ...list(
        "resources",
        resources.map((state) => [this.#bytesOf(state)]),
      ),
      ...list(
        "pending_operations",
        operations.map(({ resource, type }) => [
          ',{"resource":',
          this.#bytesOf(resource).subarray(1),
          `,"type":${JSON.stringify(type)}}`,
        ]),
      ),
      '"metadata":{}}}}',
    ];
    return this.#join(parts);
  }

  #join(parts: readonly (string | Buffer)[]): Buffer {
    const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
    if (length > this.#joined.length) this.#joined = Buffer.allocUnsafeSlow(2 * length);
    let end = 0;
    for (const part of parts)
      end += typeof part === "string" ? this.#joined.write(part, end) : part.copy(this.#joined, end);
    return this.#joined.subarray(0, end);
  }
}

/** Returns an object member with a trailing comma; nothing if the list is empty. Each element starts with a comma. */
function list(name: string, elements: readonly (readonly (string | Buffer)[])[]): (string | Buffer)[] {
  const [first, ...rest] = elements.flat();
  if (first === undefined) return [];
  return [`"${name}":[`, typeof first === "string" ? first.slice(1) : first.subarray(1), ...rest, "],"];
}

/** Returns the features in use: schema 4 lists them, so that a reader without support rejects the state. */
function featuresOf(resources: readonly ResourceState[]): string[] {
  const features = new Set<string>();
  for (const state of resources) {
    if (state.refreshBeforeUpdate) features.add("refreshBeforeUpdate");
    if (state.taint) features.add("taint");
    if (state.replaceWith.length > 0) features.add("replaceWith");
  }
  return [...features].sort();
}
