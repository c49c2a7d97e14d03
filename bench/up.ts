// Measures a no-op `up` of the staging stack against that of an empty program on the same engine.
// Ends with one line of JSON: {"noopRatio": median staging / median empty, ...milliseconds}.
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeProject, type Ran, runEngine } from "../tests/helpers/project.ts";
import { testPython } from "../tests/helpers/python.ts";

const ROUNDS = 9;
const UP = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack"];

async function emptyProgram(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "empty-"));
  await writeFile(
    join(folder, "Pulumi.yaml"),
    "name: empty\nruntime: { name: nodejs, options: { typescript: false } }\n",
  );
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", main: "index.ts" }));
  await writeFile(join(folder, "index.ts"), 'import "@pulumi/pulumi";\n');
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}

async function timed(run: () => Promise<Ran>): Promise<number> {
  const start = performance.now();
  const { exitCode, output } = await run();
  if (exitCode !== 0) throw new Error(`an up failed:\n${output}`);
  return performance.now() - start;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

await testPython((line) => console.log(line));
const project = await makeProject();
const empty = await emptyProgram();
try {
  await project.set("staging", "gate.accuracy.min", "0.85");
  const first = await timed(() => project.up("staging"));
  console.log(`first up of staging: ${Math.round(first)} ms`);
  await timed(() => runEngine(empty, join(empty, "state"), "stack", "init", "test"));
  const times = { staging: [] as number[], empty: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    const stagingMs = await timed(() => project.up("staging", "--expect-no-changes"));
    const emptyMs = await timed(() => runEngine(empty, join(empty, "state"), ...UP, "test"));
    console.log(`round ${round}: staging ${Math.round(stagingMs)} ms, empty ${Math.round(emptyMs)} ms`);
    // The first round fills the caches of the file system.
    if (round === 0) continue;
    times.staging.push(stagingMs);
    times.empty.push(emptyMs);
  }
  const [stagingMs, emptyMs] = [median(times.staging), median(times.empty)];
  const figures = { noopRatio: Number((stagingMs / emptyMs).toFixed(3)), stagingMs, emptyMs };
  console.log(JSON.stringify(figures, (_, value) => (value > 10 ? Math.round(value) : value)));
} finally {
  await project.remove();
  await rm(empty, { recursive: true, force: true });
}
