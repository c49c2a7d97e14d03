import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { dsse } from "@sigstore/core";
import { z } from "zod";

/** https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
const schema = z.object({
  payloadType: z.string(),
  /** base64 */
  payload: z.string(),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.string() })).min(1),
});

export type Envelope = z.infer<typeof schema>;

export const IN_TOTO = "application/vnd.in-toto+json";

/** Signs with an Ed25519 key. */
export function signEnvelope(payloadType: string, payload: string, key: KeyObject): Envelope {
  const bytes = Buffer.from(payload);
  const sig = sign(null, dsse.preAuthEncoding(payloadType, bytes), key).toString("base64");
  return { payloadType, payload: bytes.toString("base64"), signatures: [{ keyid: keyId(createPublicKey(key)), sig }] };
}

/**
 * Verifies an envelope's signatures and returns its payload.
 * @param json the envelope
 * @throws Error unless the key made one of the signatures
 */
export function openEnvelope(json: string, payloadType: string, key: KeyObject): string {
  const { payload, signatures, ...envelope } = parse(json);
  if (envelope.payloadType !== payloadType)
    throw new Error(`its payload has type ${envelope.payloadType}, not ${payloadType}`);
  const bytes = Buffer.from(payload, "base64");
  const signed = dsse.preAuthEncoding(payloadType, bytes);
  // The key id is an unsigned hint: only the signature counts.
  if (signatures.some(({ sig }) => verify(null, signed, key, Buffer.from(sig, "base64"))))
    return bytes.toString("utf8");
  const whose = signatures.map(({ keyid }) => keyid ?? "an unnamed key").join(", ");
  throw new Error(`its signature (${whose}) was not made with the configured key ${keyId(key)}`);
}

function parse(json: string): Envelope {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw new Error(`it is not a DSSE envelope: ${(cause as Error).message}`, { cause });
  }
}

/** Returns `SHA256:` followed by the hash of the public key's SubjectPublicKeyInfo. */
const keyId = (publicKey: KeyObject): string =>
  `SHA256:${createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex")}`;

/**
 * Reads a PEM private key.
 * @throws Error that never shows the key
 */
export function signingKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(unescapeNewlines(pem));
  } catch {
    throw new Error(`gateSigningKey is not a private key in PEM. ${MAKE_KEY}`);
  }
  return ed25519(key, "gateSigningKey");
}

/**
 * Reads a PEM public key.
 * @param setting name of the setting that holds it, for the message
 */
export function verificationKey(pem: string, setting: string): KeyObject {
  let key: KeyObject;
  try {
    // Node would accept a private key and use its public half. Reject it instead.
    if (pem.includes("PRIVATE KEY")) throw new Error("a private key");
    key = createPublicKey(unescapeNewlines(pem));
  } catch (cause) {
    throw new Error(`${setting} is not a public key in PEM. ${MAKE_KEY}`, { cause });
  }
  return ed25519(key, setting);
}

const MAKE_KEY =
  "Create a key pair with: openssl genpkey -algorithm ed25519 -out gate.pem && openssl pkey -in gate.pem -pubout -out gate.pub";

function ed25519(key: KeyObject, setting: string): KeyObject {
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new Error(`${setting} must be an Ed25519 key, got ${key.asymmetricKeyType}. ${MAKE_KEY}`);
}

/** Environment variables and one-line YAML values spell a newline as `\n`. */
const unescapeNewlines = (pem: string) => pem.replaceAll("\\n", "\n");
