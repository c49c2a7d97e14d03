import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findInstalledPulumi, findPulumi } from "../../deploy/pulumi-cli.mjs";
import { pathWithThisNode } from "../../deploy/pulumi-run.ts";

const WORKS = "#!/bin/sh\necho v3.1.0\n";
const NO_NETWORK = "#!/bin/sh\necho 'Downloading pulumi v3.265.0...' >&2\necho 'pulumi: fetch failed' >&2\nexit 1\n";

/** Creates the folders of PATH, npm's first as in npm scripts, and the script of the npm package. */
async function machine({ installed, npm }: { installed?: string; npm?: string }) {
  const root = await mkdtemp(join(tmpdir(), "pulumi-cli-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [bin, usr] = [join(root, "node_modules/.bin"), join(root, "usr/bin")];
  for (const folder of [bin, usr]) await mkdir(folder, { recursive: true });
  for (const [folder, content] of [
    [bin, npm],
    [usr, installed],
  ] as const) {
    if (content === undefined) continue;
    await writeFile(join(folder, "pulumi"), content);
    await chmod(join(folder, "pulumi"), 0o755);
  }
  return {
    path: [bin, "", "/no/such/folder", usr].join(delimiter),
    npm: join(bin, "pulumi"),
    usr: join(usr, "pulumi"),
  };
}

test("prefers the installed CLI, even if npm's folder precedes it in PATH", async () => {
  const { path, npm, usr } = await machine({ installed: WORKS, npm: NO_NETWORK });
  expect(await findPulumi(path, npm)).toBe(usr);
  expect(findInstalledPulumi(path)).toBe(usr);
});

test("falls back to the npm package if no working CLI is installed", async () => {
  const bare = await machine({ npm: WORKS });
  expect(await findPulumi(bare.path, bare.npm)).toBe(bare.npm);
  expect(findInstalledPulumi(bare.path)).toBeUndefined();
  const broken = await machine({ installed: "#!/bin/sh\nexit 3\n", npm: WORKS });
  expect(await findPulumi(broken.path, broken.npm)).toBe(broken.npm);
});

test("ignores a file that is not executable", async () => {
  const { path, npm, usr } = await machine({ installed: WORKS, npm: WORKS });
  await chmod(usr, 0o644);
  expect(await findPulumi(path, npm)).toBe(npm);
});

test("if neither works, the error has both programs, their output and the remedy", async () => {
  const closed = await machine({ npm: NO_NETWORK });
  await expect(findPulumi(closed.path, closed.npm)).rejects.toThrow(
    [
      "no working Pulumi CLI found:",
      "  - no pulumi on PATH (npm's node_modules/.bin does not count)",
      `  - ${closed.npm} version failed: Downloading pulumi v3.265.0... / pulumi: fetch failed`,
      "Install it (https://www.pulumi.com/docs/install), or",
    ].join("\n"),
  );
  const broken = await machine({ installed: "#!/bin/sh\necho no licence >&2\nexit 3\n" });
  await expect(findPulumi(broken.path, broken.npm)).rejects.toThrow(
    new RegExp(
      `  - ${broken.usr} version failed: no licence\n  - the npm package pulumi is not installed: no .*pulumi\n[^]*--engine embedded`,
    ),
  );
});

test("the CLI finds the Node that runs this project before any other", () => {
  const [first, ...rest] = pathWithThisNode("/usr/bin").split(delimiter);
  expect(join(first ?? "", "node")).toBe(process.execPath);
  expect(rest).toEqual(["/usr/bin"]);
});
