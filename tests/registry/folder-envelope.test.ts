import { generateKeyPairSync } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { provider } from "../../infra/targets/local/model-folder-provider.ts";
import {
  attestationPath,
  hasFolderEnvelope,
  readFolderEnvelope,
  versionAttestationPath,
  writeFolderEnvelope,
} from "../../registry/attestation/folder-envelope.ts";
import { attest } from "../../registry/attestation/store.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const SHA256 = "a".repeat(64);
const one = { name: "churn-model", version: "1" };
const two = { name: "churn-model", version: "2" };
const envelopeOf = ({ name: modelName, version }: typeof one): string => {
  const predicate = {
    verdict: "passed",
    judgedAt: "t",
    policySha256: "b".repeat(64),
    evaluationMd5: "c".repeat(32),
    reportSha256: "d".repeat(64),
    gitCommit: "unknown",
  };
  return JSON.stringify(attest({ modelName, version, modelSha256: SHA256, predicate }, privateKey));
};

async function modelFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), SHA256);
  await mkdir(folder);
  return folder;
}

test("versions of identical files share a folder, and each keeps its envelope", async () => {
  const folder = await modelFolder();
  await writeFolderEnvelope(folder, one, envelopeOf(one));
  await writeFolderEnvelope(`${folder}/`, two, envelopeOf(two));
  expect(await readFolderEnvelope(folder, one)).toBe(envelopeOf(one));
  expect(await readFolderEnvelope(`${folder}/`, two)).toBe(envelopeOf(two));
  await writeFolderEnvelope(folder, two, undefined);
  expect(await readFolderEnvelope(folder, one)).toBe(envelopeOf(one));
  expect(await readFolderEnvelope(folder, two)).toBeUndefined();
  expect(await readdir(join(folder, ".."))).toEqual([SHA256, `${SHA256}.churn-model-1.attestation.json`]);
});

test("reads the single-version envelope of images and earlier releases after the version's own", async () => {
  const folder = await modelFolder();
  await writeFile(attestationPath(folder), envelopeOf(one));
  expect(await readFolderEnvelope(folder, one)).toBe(envelopeOf(one));
  await writeFolderEnvelope(folder, two, envelopeOf(two));
  expect(await readFolderEnvelope(folder, two)).toBe(envelopeOf(two));
  // Removing another version's envelope does not affect this one; removing its own does.
  await writeFolderEnvelope(folder, two, undefined);
  expect(await hasFolderEnvelope(folder, one)).toBe(true);
  await writeFolderEnvelope(folder, one, undefined);
  expect(await hasFolderEnvelope(folder, one)).toBe(false);
  expect(await readdir(join(folder, ".."))).toEqual([SHA256]);
});

test("names cannot escape the folder, and names that are too long have no envelope", async () => {
  const folder = await modelFolder();
  expect(versionAttestationPath(folder, { name: "../a/b", version: "1/2" })).toBe(
    `${folder}...%2Fa%2Fb-1%2F2.attestation.json`,
  );
  expect(await readFolderEnvelope(folder, { name: "x".repeat(500), version: "1" })).toBeUndefined();
});

test("a stack fetches its envelope again after another version of the same files overwrote it", async () => {
  const folder = await modelFolder();
  const inputs = {
    registry: { trackingUri: "http://127.0.0.1:1" },
    modelName: one.name,
    version: one.version,
    sha256: SHA256,
    folder: join(folder, ".."),
    gatePublicKey: "a key",
  };
  const { gatePublicKey: _, ...unchecked } = inputs;
  await writeFile(attestationPath(folder), envelopeOf(one));
  expect(await provider.diff("", inputs, inputs)).toEqual({ changes: false });
  for (const wrong of [envelopeOf(two), "{", "{}"]) {
    await writeFile(attestationPath(folder), wrong);
    expect(await provider.diff("", inputs, inputs)).toEqual({ changes: true });
  }
  expect(await provider.diff("", unchecked, unchecked)).toEqual({ changes: false });
  await writeFolderEnvelope(folder, one, envelopeOf(one));
  expect(await provider.diff("", inputs, inputs)).toEqual({ changes: false });
});
