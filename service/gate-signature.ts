import type { KeyObject } from "node:crypto";

/** Reasons not to trust the gate's verdict on a model; empty if the verdict is signed with the key. */
export type Distrust = readonly string[];

/** The model that a verdict refers to. */
interface JudgedModel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** Parses GATE_PUBLIC_KEY. Loads the parser only if a key is configured. @throws Error that explains how to create a key */
export async function gateKey(pem: string): Promise<KeyObject> {
  const { verificationKey } = await import("../registry/attestation/envelope.ts");
  return verificationKey(pem, "GATE_PUBLIC_KEY");
}

/** Verifies the signed envelope next to a model's folder. */
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
