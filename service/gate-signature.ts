import type { KeyObject } from "node:crypto";

/** Why the gate's verdict on a model counts for nothing; empty when it is signed with the key. */
export type Distrust = readonly string[];

/** What a verdict is about. */
interface JudgedModel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** Reads GATE_PUBLIC_KEY. Throws an Error that says how to make a key. Loaded only where a key is configured. */
export async function gateKey(pem: string): Promise<KeyObject> {
  const { verificationKey } = await import("../registry/attestation/envelope.ts");
  return verificationKey(pem, "GATE_PUBLIC_KEY");
}

/** Checks the envelope that lies beside a model's folder. */
export async function distrustFolder(
  folder: string,
  { name, version, sha256 }: JudgedModel,
  key: KeyObject,
): Promise<Distrust> {
  const [{ readFolderEnvelope }, { distrust }] = await Promise.all([
    import("../registry/attestation/folder-envelope.ts"),
    import("../registry/attestation/verify.ts"),
  ]);
  const envelope = await readFolderEnvelope(folder, { name, version });
  return distrust({ modelName: name, version, modelSha256: sha256, envelope }, key);
}
