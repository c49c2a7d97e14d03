import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runExample } from "../helpers/run-example.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "examples-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  [["--help"], 0, /^usage: npm run example -- <breast-cancer\|diabetes\|penguins>/],
  [[""], 1, /^name an example\nusage: /],
  [["penguin"], 1, /^there is no example penguin\nusage: /],
  [["penguins", "up", "--stack", "staging"], 1, /^penguins is not set up\. Run: npm run example -- penguins\n$/],
  [["penguins", "down"], 0, /^Nothing to remove: .*penguins does not exist\.\n$/],
])("npm run example -- %j exits with code %i and explains why", async ([name = "", ...command], exitCode, output) => {
  const ran = await runExample(folder, name, ...command);
  expect(ran.output).toMatch(output);
  expect(ran.exitCode).toBe(exitCode);
});
