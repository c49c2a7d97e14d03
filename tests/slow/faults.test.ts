/** A sample of what `npm run torture` does in full, and a disk that is full. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { provider as modelFolder } from "../../infra/targets/local/model-folder-provider.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { type Arena, openArena } from "../helpers/torture/arena.ts";
import { allCases, recordSteps, runFaultCase } from "../helpers/torture/fault-cases.ts";
import { MODEL } from "../helpers/torture/update.ts";

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
    for (const faultCase of cases.filter((_, index) => index % stride === 0)) {
      const result = await runFaultCase(arena, faultCase);
      expect(result, result.name).toMatchObject({ wrongPromotions: [], notConverged: [], problems: [] });
      if (result.failed !== undefined) failed++;
    }
    // Else the faults would not have been felt.
    expect(failed).toBeGreaterThan(0);
  },
);

/** A file system of so many kilobytes; undefined with a reason where it cannot be had. */
async function tinyDisk(kilobytes: number) {
  const folder = await mkdtemp(join(tmpdir(), "full-disk-"));
  const run = promisify(execFile);
  const options = (size: number) => `size=${size}k`;
  try {
    await run("mount", ["-t", "tmpfs", "-o", options(kilobytes), "tmpfs", folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    return { reason: `a small tmpfs cannot be mounted here: ${(error as Error).message}` };
  }
  return {
    folder,
    grow: (size: number) => run("mount", ["-o", `remount,${options(size)}`, folder]),
    remove: async () => {
      await run("umount", [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

it("a full disk under the models fails the update with the file's name, leaves nothing half, and can be mended", async ({
  skip,
}) => {
  const disk = await tinyDisk(16);
  if ("reason" in disk) {
    console.log(disk.reason);
    return skip(disk.reason);
  }
  try {
    const folder = join(disk.folder, "models");
    await mkdir(folder);
    const version = await getModelVersion(arena.client, MODEL, "1");
    const sha256 = readGateEvidence(version)?.modelSha256 ?? "";
    const registry = { trackingUri: arena.client.trackingUri };
    const inputs = { registry, modelName: MODEL, version: "1", sha256, folder };
    await expect(modelFolder.create(inputs)).rejects.toThrow(
      /of model churn-model version 1 \(\d+ bytes\) could not be saved below .*: ENOSPC/,
    );
    expect(await readdir(folder)).toEqual([]);
    await disk.grow(1024);
    const { outs } = await modelFolder.create(inputs);
    expect(outs.path).toBe(join(folder, sha256));
  } finally {
    await disk.remove();
  }
});
