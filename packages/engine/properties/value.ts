/**
 * Property values: JSON, and the special values that JSON lacks.
 * Values are never changed in place, so that a state can share them with the previous state.
 * @module
 */

export type Value = null | boolean | number | string | readonly Value[] | PropertyMap | Special;
export interface PropertyMap {
  readonly [key: string]: Value;
}

/** Key that marks special values on the wire and in checkpoints. */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SIGNATURES = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

export abstract class Special {
  abstract readonly kind: string;
}

export class Secret extends Special {
  readonly kind = "secret";
  readonly element: Value;
  constructor(element: Value) {
    super();
    this.element = element;
  }
}

/** A value that a preview does not know yet. The sentinel identifies the type that the sender expected. */
export class Unknown extends Special {
  readonly kind = "unknown";
  readonly sentinel: string;
  constructor(sentinel = UNKNOWN_STRING) {
    super();
    this.sentinel = sentinel;
  }
}

/** An output on the wire: a value, possibly unknown or secret, with its dependencies. */
export class OutputValue extends Special {
  readonly kind = "output";
  readonly element: Value | undefined;
  readonly secret: boolean;
  readonly dependencies: readonly string[];
  constructor(element: Value | undefined, secret: boolean, dependencies: readonly string[]) {
    super();
    this.element = element;
    this.secret = secret;
    this.dependencies = dependencies;
  }
}

export class ResourceReference extends Special {
  readonly kind = "resource";
  readonly urn: string;
  readonly id: Value | undefined;
  readonly packageVersion: string;
  constructor(urn: string, id: Value | undefined, packageVersion: string) {
    super();
    this.urn = urn;
    this.id = id;
    this.packageVersion = packageVersion;
  }
}

/** A text or file asset with the hash of its contents. */
export class Asset extends Special {
  readonly kind = "asset";
  readonly hash: string;
  readonly source: { readonly text: string } | { readonly path: string };
  constructor(hash: string, source: { readonly text: string } | { readonly path: string }) {
    super();
    this.hash = hash;
    this.source = source;
  }
}

export const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const UNKNOWN_SENTINELS: ReadonlySet<string> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  UNKNOWN_STRING,
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
export const isMap = (value: Value | undefined): value is PropertyMap =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Special);

/** Creates a map from entries; `__proto__` is an ordinary key. */
export const mapOf = (entries: Iterable<readonly [string, Value]>): PropertyMap => Object.fromEntries(entries);

export const makeSecret = (value: Value): Secret => (value instanceof Secret ? value : new Secret(value));

/** Returns the value without enclosing secrets. */
export const unwrapSecret = (value: Value): Value => (value instanceof Secret ? unwrapSecret(value.element) : value);
