/**
 * Pulumi's passphrase secrets: AES-256-GCM with a key that PBKDF2-SHA256 derives from passphrase and salt.
 * @module
 */
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { UserError } from "../failure.ts";

export interface Crypter {
  encrypt(plaintext: string): string;
  decrypt(ciphertext: string): string;
}

const ITERATIONS = 1_000_000;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** Plain text of the ciphertext stored with the salt, which reveals a wrong passphrase before anything else is decrypted. */
const PROBE = "pulumi";

function aes(key: Buffer): Crypter {
  return {
    encrypt(plaintext) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
    },
    decrypt(ciphertext) {
      const [version, nonce, sealed, ...rest] = ciphertext.split(":");
      if (version !== "v1" || nonce === undefined || sealed === undefined || rest.length > 0)
        throw new Error("malformed ciphertext");
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
    },
  };
}

/** Derives the key in libuv's thread pool, so that the program can load in the meantime. */
const derive = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    pbkdf2(passphrase, salt, ITERATIONS, KEY_BYTES, "sha256", (error, key) => (error ? reject(error) : resolve(key))),
  );

/** Opens the secrets of a stack. @param state `v1:<salt>:<ciphertext of the probe>` */
export async function openCrypter(passphrase: string, state: string): Promise<Crypter> {
  const [version, salt, ...probe] = state.split(":");
  if (version !== "v1" || salt === undefined || probe.length === 0)
    throw new UserError("the encryption salt is malformed");
  const crypter = aes(await derive(passphrase, Buffer.from(salt, "base64")));
  try {
    if (crypter.decrypt(probe.join(":")) === PROBE) return crypter;
  } catch {
    // The probe does not decrypt: reported below, like one that decrypts to something else.
  }
  throw new UserError("incorrect passphrase");
}

/** Creates secrets for a new stack, with the state to store in its config and checkpoint. */
export async function createCrypter(passphrase: string): Promise<{ crypter: Crypter; state: string }> {
  const salt = randomBytes(8);
  const crypter = aes(await derive(passphrase, salt));
  return { crypter, state: `v1:${salt.toString("base64")}:${crypter.encrypt(PROBE)}` };
}
