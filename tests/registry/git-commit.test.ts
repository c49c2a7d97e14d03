import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitCommit } from "../../registry/provenance.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";

test("returns the commit, marks changes to tracked files, and returns unknown outside a repository", async () => {
  const folder = await temporaryFolder();
  expect(await gitCommit(folder)).toBe("unknown");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: folder });
  git("init", "-q");
  expect(await gitCommit(folder)).toBe("unknown");
  await writeFile(join(folder, "code"), "1");
  git("add", "code");
  git("commit", "-q", "-m", "one");
  const commit = await gitCommit(folder);
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
  await writeFile(join(folder, "notes"), "untracked");
  expect(await gitCommit(folder)).toBe(commit);
  await writeFile(join(folder, "code"), "2");
  expect(await gitCommit(folder)).toBe(`${commit}-dirty`);
});
