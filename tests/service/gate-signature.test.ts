import { generateKeyPairSync } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { digestFolder } from "../../registry/artifact-digest.ts";
import { attestationPath, versionAttestationPath } from "../../registry/attestation/folder-envelope.ts";
import { attest } from "../../registry/attestation/store.ts";
import { failedStart, startService } from "./helpers/service-process.ts";
import { testModel } from "./helpers/test-model.ts";

const keys = generateKeyPairSync("ed25519");
const GATE_PUBLIC_KEY = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

/** The statement that the gate would have signed for the folder. */
async function envelope(folder: string, modelSha256: string) {
  const predicate = {
    verdict: "passed",
    judgedAt: "2026-05-01T12:00:00Z",
    policySha256: "b".repeat(64),
    gitCommit: "unknown",
    evaluationMd5: "c".repeat(32),
    reportSha256: "d".repeat(64),
  };
  return attest({ modelName: basename(folder), version: "3", modelSha256, predicate }, keys.privateKey);
}

test("a service starts with a signed model and its key on one line, and not with an unsigned one", async () => {
  await using model = await testModel();
  const { folder } = model;
  onTestFinished(() => rm(attestationPath(folder), { force: true }));
  const env = { MODEL_URI: folder, MODEL_VERSION: "3", GATE_PUBLIC_KEY: GATE_PUBLIC_KEY.replaceAll("\n", "\\n") };
  const unsigned = await failedStart(env);
  expect(unsigned.code).toBe(1);
  expect(unsigned.stderr).toContain("GATE_PUBLIC_KEY is set, and the gate's verdict on it cannot be trusted");
  await writeFile(attestationPath(folder), JSON.stringify(await envelope(folder, await digestFolder(folder))));
  {
    await using service = await startService(env);
    expect((await fetch(`${service.url}/ready`)).status).toBe(200);
  }
  await writeFile(attestationPath(folder), JSON.stringify(await envelope(folder, "e".repeat(64))));
  const changed = await failedStart(env);
  expect(changed.stderr).toContain(`artifact: ${"e".repeat(64)} was signed, but it is ${await digestFolder(folder)}`);
  // The version's own envelope takes precedence over the one that versions with identical files shared.
  const own = versionAttestationPath(folder, { name: basename(folder), version: "3" });
  onTestFinished(() => rm(own, { force: true }));
  await writeFile(own, JSON.stringify(await envelope(folder, await digestFolder(folder))));
  await using service = await startService(env);
  expect((await fetch(`${service.url}/ready`)).status).toBe(200);
  const broken = await failedStart({ ...env, GATE_PUBLIC_KEY: "no key" });
  expect(broken.stderr).toContain("GATE_PUBLIC_KEY is not a public key in PEM. Create a key pair with");
}, 60_000);
