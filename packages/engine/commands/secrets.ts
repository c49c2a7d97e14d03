/**
 * Opens the secrets of a stack.
 * @module
 */
import { type Crypter, createCrypter, openCrypter } from "../secrets/crypter.ts";
import { readPassphrase } from "../secrets/passphrase.ts";

export interface StackSecrets {
  readonly salt: string;
  readonly crypter: Crypter;
  /** Whether the salt is new and must be stored in the stack's config. */
  readonly created: boolean;
}

/** Opens the secrets, or creates them if there is no salt. Deriving the key takes time, so call this early and await it late. */
export async function openSecrets(salt: string | undefined): Promise<StackSecrets> {
  const passphrase = readPassphrase(process.env);
  if (salt !== undefined) return { salt, crypter: await openCrypter(passphrase, salt), created: false };
  const { crypter, state } = await createCrypter(passphrase);
  return { salt: state, crypter, created: true };
}
