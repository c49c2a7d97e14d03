/**
 * The secrets of a stack, opened once.
 * @module
 */
import { type Crypter, createCrypter, openCrypter } from "../secrets/crypter.ts";
import { readPassphrase } from "../secrets/passphrase.ts";

export interface StackSecrets {
  readonly salt: string;
  readonly crypter: Crypter;
  /** The salt is new: it has to be kept in the stack's config. */
  readonly created: boolean;
}

/** Deriving the key takes a while: it is begun at once and waited for where it is needed. */
export async function openSecrets(salt: string | undefined): Promise<StackSecrets> {
  const passphrase = readPassphrase(process.env);
  if (salt !== undefined) return { salt, crypter: await openCrypter(passphrase, salt), created: false };
  const { crypter, state } = await createCrypter(passphrase);
  return { salt: state, crypter, created: true };
}
