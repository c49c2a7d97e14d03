import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

test("restarts a command that exits, and stops it with its supervisor", async () => {
  const folder = await mkdtemp(join(tmpdir(), "keep-"));
  const log = join(folder, "log");
  await writeFile(log, "");
  // The first exits, as kubectl does with its pod; the second keeps running.
  const command = `echo $$ >>${log}; [ $(wc -l <${log}) -gt 1 ] && exec sleep 60; exit 1`;
  const keeper = spawn("node", ["infra/targets/kubernetes/keep-running.mjs", "sh", "-c", command]);
  const started = async () => (await readFile(log, "utf8")).trim().split("\n").filter(Boolean);
  try {
    while ((await started()).length < 2) await sleep(20);
    const [, second = ""] = await started();
    expect(() => process.kill(Number(second), 0)).not.toThrow();
    keeper.kill("SIGTERM");
    expect(await once(keeper, "exit")).toEqual([0, null]);
    expect(() => process.kill(Number(second), 0)).toThrow("ESRCH");
    expect(await started()).toHaveLength(2);
  } finally {
    keeper.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});
