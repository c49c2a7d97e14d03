import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseTrainerOutput } from "../../infra/components/trainer-output.ts";
import { sourceHash } from "../../infra/components/trainer-source.ts";

test.each([
  ['{"run_id":"r","version":"2"}'],
  ['{"run_id": "r", "version": 2}\n'],
  ['fitting ...\n{"loss": 0.3}\n{"run_id":"r","version":"2","accuracy":0.9}\r\n\n'],
])("reads the trainer's last line: %j", (stdout) => {
  expect(parseTrainerOutput(stdout)).toEqual({ runId: "r", version: "2" });
});

test.each([
  ["", "(nothing)"],
  ["\n\n", "(nothing)"],
  ["done", "done"],
  ['{"run_id":"r","version":"2"}\nbye', "bye"],
  ['{"run_id":"r"}', '{"run_id":"r"}'],
  ['{"run_id":"","version":"2"}', '{"run_id":"","version":"2"}'],
  ['{"run_id":"r","version":"two"}', '{"run_id":"r","version":"two"}'],
  ['{"run_id":"r","version":1.5}', '{"run_id":"r","version":1.5}'],
  ['{"run_id":"r","version":-1}', '{"run_id":"r","version":-1}'],
  ["null", "null"],
  ["[]", "[]"],
])("shows the last line that is something else: %j", (stdout, shown) => {
  expect(() => parseTrainerOutput(stdout)).toThrow(
    `the trainer's last line must be {"run_id": "...", "version": "..."}, but was: ${shown}`,
  );
});

test("cuts off a long line", () => {
  expect(() => parseTrainerOutput("x".repeat(5_000))).toThrow(/but was: x{200}$/);
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "sources-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  await writeFile(join(made, "a.ts"), "a");
  await writeFile(join(made, "b.ts"), "b");
  return made;
}

test("hashes files by name and content, independent of their order", async () => {
  const sources = await folder();
  const [a, b] = [join(sources, "a.ts"), join(sources, "b.ts")];
  const hash = sourceHash([sources]);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(sourceHash([b, a])).toBe(hash);
  await writeFile(a, "A");
  const changed = sourceHash([sources]);
  await writeFile(a, "a");
  await rename(b, join(sources, "c.ts"));
  expect(new Set([hash, changed, sourceHash([sources]), sourceHash([a])]).size).toBe(4);
});

test("names the setting of a missing source", () => {
  expect(() => sourceHash(["examples/no-such-trainer.py"])).toThrow(
    /^training\.sources names examples\/no-such-trainer\.py, which does not exist in \/.*\. It lists the trainer's files and folders$/,
  );
});

test("does not hash subfolders", async () => {
  const sources = await folder();
  const hash = sourceHash([sources]);
  await mkdir(join(sources, "data"));
  await writeFile(join(sources, "data", "c.csv"), "c");
  expect(sourceHash([sources])).toBe(hash);
});

test("detects content that moves from one file to the next", async () => {
  const sources = await folder();
  await writeFile(join(sources, "a.ts"), "ab");
  await writeFile(join(sources, "b.ts"), "");
  const hash = sourceHash([sources]);
  await writeFile(join(sources, "a.ts"), "a");
  await writeFile(join(sources, "b.ts"), "b");
  expect(sourceHash([sources])).not.toBe(hash);
});

test("names the missing source", () => {
  expect(() => sourceHash(["no/such/source.ts"])).toThrow("no/such/source.ts");
});
