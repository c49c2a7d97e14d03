/** A sample of what `npm run torture` does in full, and a disk that is full. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { provider as modelFolder } from "../../infra/targets/local/model-folder-provider.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { tinyDisk } from "../helpers/tiny-disk.ts";
import { type Arena, openArena } from "../helpers/torture/arena.ts";
import { allCases, recordSteps, runFaultCase } from "../helpers/torture/fault-cases.ts";
import { MODEL } from "../helpers/torture/update.ts";
import { failedStart, startService } from "../service/helpers/service-process.ts";

const SAMPLE = 8;
let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

it.each(["staging", "production"] as const)(
  "a fault in an update of %s: says what failed, marks nothing wrong, converges, and no service notices",
  { timeout: 240_000 },
  async (environment) => {
    const cases = allCases(environment, await recordSteps(arena, environment));
    const stride = Math.ceil(cases.length / SAMPLE);
    let failed = 0;
    const asked = arena.asked();
    for (const faultCase of cases.filter((_, index) => index % stride === 0)) {
      const result = await runFaultCase(arena, faultCase);
      expect(result, result.name).toMatchObject({ wrongPromotions: [], notConverged: [], problems: [] });
      if (result.failed !== undefined) failed++;
    }
    // Else the faults would not have been felt.
    expect(failed).toBeGreaterThan(0);
    // Else no service could have failed to answer.
    expect(arena.asked() - asked).toBeGreaterThan(100);
  },
);

it("a full disk under the models fails the update with the file's name, leaves nothing half, and can be mended", async ({
  skip,
}) => {
  const disk = await tinyDisk(16);
  if (typeof disk === "string") {
    console.log(disk);
    return skip(disk);
  }
  await using there = disk;
  const folder = join(there.folder, "models");
  await mkdir(folder);
  const version = await getModelVersion(arena.client, MODEL, "1");
  const sha256 = readGateEvidence(version)?.modelSha256 ?? "";
  const registry = { trackingUri: arena.client.trackingUri };
  const inputs = { registry, modelName: MODEL, version: "1", sha256, folder };
  await expect(modelFolder.create(inputs)).rejects.toThrow(
    /of model churn-model version 1 \(\d+ bytes\) could not be saved in .*: ENOSPC/,
  );
  expect(await readdir(folder)).toEqual([]);
  await there.grow(1024);
  const { outs } = await modelFolder.create(inputs);
  expect(outs.path).toBe(join(folder, sha256));
});

it("a service whose cache is full starts from the model that is in it, and with no other", async ({ skip }) => {
  const disk = await tinyDisk(256);
  if (typeof disk === "string") {
    console.log(disk);
    return skip(disk);
  }
  await using there = disk;
  const env = { MLFLOW_TRACKING_URI: arena.client.trackingUri, MODEL_CACHE: there.folder };
  const cached = { MODEL_URI: `models:/${MODEL}/1`, ...env };
  {
    await using first = await startService(cached);
    expect(first.url).toContain("http:");
  }
  await there.fill();
  await using again = await startService(cached);
  expect(await (await fetch(`${again.url}/health`)).json()).toMatchObject({ model: MODEL, version: "1" });
  const other = await failedStart({ MODEL_URI: `models:/${MODEL}/2`, ...env });
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("ENOSPC") });
});
