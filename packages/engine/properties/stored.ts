/**
 * Converts values to and from the JSON of a checkpoint, where secrets are encrypted.
 * @module
 */
import type { Crypter } from "../secrets/crypter.ts";
import { assetFrom } from "./assets.ts";
import {
  Asset,
  isList,
  isMap,
  mapOf,
  OutputValue,
  type PropertyMap,
  ResourceReference,
  Secret,
  SIGNATURE_KEY,
  SIGNATURES,
  UNKNOWN_STRING,
  Unknown,
  type Value,
} from "./value.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Writes a secret: encrypted, as plain text (`--show-secrets`), or redacted. */
export type SecretWriter = (secret: Secret) => { [key: string]: Json };

const signed = (fields: { [key: string]: Json }, signature: string = SIGNATURES.secret): { [key: string]: Json } => ({
  [SIGNATURE_KEY]: signature,
  ...fields,
});

/** Ciphertexts of secrets, so that an unchanged secret is written unchanged with the same key. */
const ciphertexts = new WeakMap<Secret, { readonly crypter: Crypter; readonly text: string }>();

export const encrypting =
  (crypter: Crypter): SecretWriter =>
  (secret) => {
    const known = ciphertexts.get(secret);
    if (known?.crypter === crypter) return signed({ ciphertext: known.text });
    const text = crypter.encrypt(JSON.stringify(store(secret.element, nested)));
    ciphertexts.set(secret, { crypter, text });
    return signed({ ciphertext: text });
  };

/** Values inside an encrypted secret are not encrypted again. */
const nested: SecretWriter = (secret) => signed({ ciphertext: JSON.stringify(store(secret.element, nested)) });
export const inTheClear: SecretWriter = (secret) =>
  signed({ plaintext: JSON.stringify(store(secret.element, nested)) });

export const storeMap = (map: PropertyMap, write: SecretWriter): { [key: string]: Json } =>
  Object.fromEntries(
    Object.keys(map)
      .sort()
      .map((key) => [key, store(map[key] ?? null, write)]),
  );

export function store(value: Value, write: SecretWriter): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (isList(value)) return value.map((item) => store(item, write));
  if (isMap(value)) return storeMap(value, write);
  if (value instanceof Secret) return write(value);
  if (value instanceof Unknown) return UNKNOWN_STRING;
  if (value instanceof OutputValue) {
    const element = value.element ?? new Unknown();
    return store(value.secret ? new Secret(element) : element, write);
  }
  if (value instanceof ResourceReference) {
    const id: { [key: string]: Json } =
      value.id === undefined ? {} : { id: value.id instanceof Unknown ? "" : String(value.id) };
    return signed({ ...id, packageVersion: value.packageVersion, urn: value.urn }, SIGNATURES.resource);
  }
  if (value instanceof Asset) return signed({ hash: value.hash, ...value.source }, SIGNATURES.asset);
  return null;
}

/** Reads stored properties. @param crypter called only if there is something to decrypt */
export const restoreMap = (json: { [key: string]: Json }, crypter: () => Crypter): PropertyMap =>
  mapOf(Object.entries(json).map(([key, value]) => [key, restore(value, crypter)] as const));

export function restore(json: Json, crypter: () => Crypter): Value {
  if (json === null) return null;
  if (typeof json === "string") return json === UNKNOWN_STRING ? new Unknown() : json;
  if (typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map((item) => restore(item, crypter));
  switch (json[SIGNATURE_KEY]) {
    case SIGNATURES.secret:
      return restoreSecret(json, crypter);
    case SIGNATURES.resource: {
      const id = json.id === undefined ? undefined : json.id === "" ? new Unknown() : restore(json.id, crypter);
      return new ResourceReference(String(json.urn), id, String(json.packageVersion ?? ""));
    }
    case SIGNATURES.asset:
      return assetFrom(restoreMap({ ...json, [SIGNATURE_KEY]: null }, crypter));
    default:
      return restoreMap(json, crypter);
  }
}

const plain: Crypter = { encrypt: (text) => text, decrypt: (text) => text };

function restoreSecret(json: { [key: string]: Json }, crypter: () => Crypter): Secret {
  const { plaintext, ciphertext } = json;
  if (typeof plaintext === "string") return new Secret(restore(JSON.parse(plaintext) as Json, () => plain));
  if (typeof ciphertext !== "string") throw new Error("a secret has neither ciphertext nor plaintext");
  const opened = crypter();
  const secret = new Secret(restore(JSON.parse(opened.decrypt(ciphertext)) as Json, () => plain));
  ciphertexts.set(secret, { crypter: opened, text: ciphertext });
  return secret;
}
