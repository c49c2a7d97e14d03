import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { describeServed } from "../../infra/fresh-request.ts";
import { type LocalServiceOutputs, provider as service } from "../../infra/targets/local/local-service-provider.ts";
import { moveCallers } from "../../infra/targets/local/move-callers.ts";
import { digestFolder } from "../../registry/artifact-digest.ts";
import { callersOf } from "../helpers/callers.ts";
import { freePort } from "../helpers/free-port.ts";
import { allowedPerSwitch } from "../helpers/machine-share.ts";
import { testModel } from "../service/helpers/test-model.ts";

/** To measure more of them: TAKEOVERS=100 npx vitest run --project integration takeover */
const TAKEOVERS = Number(process.env.TAKEOVERS ?? 5);

it(`${TAKEOVERS} takeovers by real service processes under 200 requests a second: none fails where the machine is not starved`, {
  timeout: 60_000 + 5_000 * TAKEOVERS,
}, async () => {
  await using model = await testModel({ weights: Array.from({ length: 10 }, (_, index) => index / 10 - 0.5) });
  const sha256 = await digestFolder(model.folder);
  const folder = await mkdtemp(join(tmpdir(), "takeover-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const place = { processName: "production", folder: relative(process.cwd(), folder) };
  const start = async (version: string, before?: LocalServiceOutputs) => {
    const MODEL = { MODEL_URI: model.folder, MODEL_NAME: "m", MODEL_VERSION: version, MODEL_SHA256: sha256 };
    const inputs = {
      ...place,
      port,
      command: ["node", "service/main.ts"],
      environment: MODEL,
      healthPath: "/ready",
      startSeconds: 60,
    };
    const { outs } = before ? await service.update("", before, inputs) : await service.create(inputs);
    await moveCallers({ ...place, instance: outs.instance, version, sha256, port, url, autoRollback: true });
    return outs;
  };
  let serving = await start("0");
  const callers = callersOf(url);
  const movesMs: number[] = [];
  try {
    for (let version = 1; version <= TAKEOVERS; version++) {
      await sleep(300);
      const began = performance.now();
      serving = await start(String(version), serving);
      movesMs.push(performance.now() - began);
      expect(await describeServed(url)).toBe(`version ${version} serves callers at ${url}`);
    }
  } finally {
    const { sent, failed, slowestMs } = await callers.stop();
    await service.delete("", serving);
    await rm(folder, { recursive: true, force: true });
    const median = Math.round(movesMs.sort((a, b) => a - b)[Math.floor(movesMs.length / 2)] ?? Number.NaN);
    console.log(
      `${movesMs.length} takeovers, ${median} ms each: ${failed.length} of ${sent} failed, slowest ${slowestMs} ms`,
    );
    expect(failed.length, failed.join(", ")).toBeLessThanOrEqual(allowedPerSwitch() * TAKEOVERS);
    expect(sent).toBeGreaterThan(50 * TAKEOVERS);
  }
});
