import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { withFileLock } from "../../infra/targets/local/file-lock.mjs";

async function lockFile(): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "lock-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { folder, file: join(folder, "x.lock") };
}

test("takes over the lock of a dead process, and leaves nothing behind", async () => {
  const { folder, file } = await lockFile();
  const { pid } = spawnSync("true");
  await writeFile(file, String(pid));
  expect(await withFileLock(file, async () => "done")).toBe("done");
  expect(await readdir(folder)).toEqual([]);
});

test("removes only the files of interrupted processes", async () => {
  const { folder, file } = await lockFile();
  const { pid } = spawnSync("true");
  const kept = [`x.lock.${process.ppid}`, `x.lock.${pid}.txt`, `y.lock.${pid}`];
  for (const name of [`x.lock.${pid}`, ...kept]) await writeFile(join(folder, name), "");
  await withFileLock(file, async () => {});
  expect((await readdir(folder)).toSorted()).toEqual(kept.toSorted());
});

test("git ignores the lock's files", () => {
  const { stdout } = spawnSync(
    "git",
    ["check-ignore", "--no-index", ".venv.lock", ".venv.lock.4790", ".venv.old-4790/x"],
    {
      encoding: "utf8",
    },
  );
  expect(stdout.trim().split("\n")).toEqual([".venv.lock", ".venv.lock.4790", ".venv.old-4790/x"]);
});

test("waits for a live process", async () => {
  const { file } = await lockFile();
  await writeFile(file, String(process.ppid));
  let worked = false;
  const waiting = withFileLock(file, async () => {
    worked = true;
  });
  await sleep(100);
  expect(worked).toBe(false);
  await rm(file);
  await waiting;
  expect(worked).toBe(true);
});

test("releases the lock if the work fails", async () => {
  const { folder, file } = await lockFile();
  await expect(
    withFileLock(file, async () => {
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await readdir(folder)).toEqual([]);
});
