import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, realpath, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readPinnedSnapshot } from "../../infra/pinned-snapshot.ts";
import { pinnedCsv, temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";

const md5 = (content: string) => createHash("md5").update(content).digest("hex");
const CONTENT = "a,label\n1,0\n";

test("the committed snapshots match their pointers", async () => {
  for (const name of ["train", "evaluation", "reference"])
    expect(await readPinnedSnapshot(`${CHURN}/${name}.csv`, false)).toEqual({
      path: `${CHURN}/${name}.csv`,
      md5: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
});

test("the default data has the paths and versions in the state of existing stacks, and is in models/churn", async () => {
  const { config } = parse(await readFile("Pulumi.yaml", "utf8"));
  const recorded = {
    training: { path: "training/data/churn/train.csv", md5: "823c7d11ba47cc5342be77bd71a0d886" },
    evaluation: { path: "training/data/churn/evaluation.csv", md5: "a7f8924f38d79b31d449c07a01060701" },
    reference: { path: "training/data/churn/reference.csv", md5: "823c7d11ba47cc5342be77bd71a0d886" },
  };
  for (const [key, snapshot] of Object.entries(recorded)) {
    expect(config.data.default[key]).toBe(snapshot.path);
    expect(await readPinnedSnapshot(snapshot.path, false)).toEqual(snapshot);
    expect(await realpath(snapshot.path)).toBe(resolve("models/churn/data", basename(snapshot.path)));
  }
});

test.each(["2,1\n", undefined])(
  "the remedy names the file behind a linked folder, because DVC and git do not follow links: %j",
  async (content) => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "new"));
    await symlink("new", join(folder, "former"));
    await writeFile(join(folder, "new/data.csv.dvc"), `outs:\n- md5: ${md5(CONTENT)}\n  size: 12\n  path: data.csv\n`);
    if (content !== undefined) await writeFile(join(folder, "new/data.csv"), content);
    const program = `
    import { readPinnedSnapshot } from ${JSON.stringify(resolve("infra/pinned-snapshot.ts"))};
    console.log((await readPinnedSnapshot("former/data.csv", false)).warning);`;
    const args = ["--input-type=module", "--eval", program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    expect(stdout, stderr).toMatch(/^former\/data\.csv is (missing|not the data)/);
    expect(stdout).toMatch(
      content === undefined
        ? /: dvc pull new\/data\.csv, or/
        : /: dvc add new\/data\.csv\. .* git checkout new\/data\.csv\n/,
    );
  },
);

test("names an edited file with both MD5s and the remedy", async () => {
  const path = await pinnedCsv(CONTENT);
  const edited = CONTENT.replace("1,0", "1,1");
  await writeFile(path, edited);
  const { md5: pinned, warning } = await readPinnedSnapshot(path, false);
  expect(pinned).toBe(md5(CONTENT));
  expect(warning).toBe(
    `${path} is not the data that ${path}.dvc pins\n` +
      `The file has MD5 ${md5(edited)} (12 bytes), but the pointer says MD5 ${md5(CONTENT)} (12 bytes). An update trusts the pointer: it sees no new data, and training and the gate reject the file. ` +
      `Pin the new data with: dvc add ${path}. Restore the pinned data with: dvc pull --force ${path} or, if git tracks it, git checkout ${path}`,
  );
});

test("identifies a folder by the list of its files", async () => {
  const folder = join(await temporaryFolder(), "data");
  await mkdir(join(folder, "sub"), { recursive: true });
  await writeFile(join(folder, "sub", "a.parquet"), "1");
  const pin = `[{"md5": "${md5("1")}", "relpath": "sub/a.parquet"}]`;
  await writeFile(`${folder}.dvc`, `outs:\n- md5: ${md5(pin)}.dir\n  size: 1\n  nfiles: 1\n  path: data\n`);
  expect(await readPinnedSnapshot(folder, false)).toEqual({ path: folder, md5: `${md5(pin)}.dir` });
  await writeFile(join(folder, "b.parquet"), "2");
  expect((await readPinnedSnapshot(folder, false)).warning).toContain(`pointer says MD5 ${md5(pin)}.dir (1 bytes)`);
});

test("names a file of another size with both sizes", async () => {
  const path = await pinnedCsv(CONTENT);
  await appendFile(path, "2,1\n");
  const { warning } = await readPinnedSnapshot(path, true);
  expect(warning).toContain(
    `The file has MD5 ${md5(`${CONTENT}2,1\n`)} (16 bytes), but the pointer says MD5 ${md5(CONTENT)} (12 bytes).`,
  );
});

test("compares only the size of a very large file, and says so", async () => {
  const path = await pinnedCsv(CONTENT);
  const size = 64 * 2 ** 20 + 1;
  await truncate(path, size);
  await writeFile(`${path}.dvc`, `outs:\n- md5: ${md5("other")}\n  size: ${size}\n  path: data.csv\n`);
  const { warning, note } = await readPinnedSnapshot(path, false);
  expect(warning).toBeUndefined();
  expect(note).toContain("its MD5 was not compared");
  await truncate(path, size + 1);
  expect((await readPinnedSnapshot(path, false)).warning).toContain(
    `The file has ${size + 1} bytes, but the pointer says ${size} bytes.`,
  );
});

test("reports a missing file, unless the update fetches it", async () => {
  const path = await pinnedCsv(CONTENT);
  await rm(path);
  expect((await readPinnedSnapshot(path, false)).warning).toMatch(
    new RegExp(
      `^${path} is missing\nThe next training or gate will fail without it. Fetch it with: dvc pull ${path}, or`,
    ),
  );
  expect(await readPinnedSnapshot(path, true)).toEqual({ path, md5: md5(CONTENT) });
});

test("the error for a missing pointer says what to do", async () => {
  const path = await pinnedCsv(CONTENT);
  await rm(`${path}.dvc`);
  await expect(readPinnedSnapshot(path, true)).rejects.toThrow(
    `${path}.dvc is missing. Pin the data with: dvc add ${path}`,
  );
});
