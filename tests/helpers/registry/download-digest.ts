import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel } from "../../../registry/artifacts.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../../registry/model-versions.ts";

/** Returns the digest of a version's current files in the registry. */
export async function downloadDigest(client: MlflowClient, version: ModelVersion): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "digest-"));
  try {
    return await downloadModel(client, version, join(folder, "model"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
