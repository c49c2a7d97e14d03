/**
 * Measures the cost of an update: `up` of 0, 10, 100 and 1,000 resources, first creating them and then without changes, compared with the start
 * of a Node program that loads the SDK. Ends with one line of JSON.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const engine = join(repository, "packages/engine/cli.ts");
const SIZES = [0, 10, 100, 1_000];
const REPEATS = 5;

const provider = `export const provider = {
  async create(inputs) { return { id: inputs.label, outs: inputs }; },
  async diff(_id, olds, news) { return { changes: olds.label !== news.label }; },
  async update(_id, _olds, news) { return { outs: news }; },
};
`;
const program = `import * as pulumi from "@pulumi/pulumi";
const load = async () => (await import("./provider.ts")).provider;
const provider = {
  create: async (inputs: any) => (await load()).create(inputs),
  diff: async (id: any, olds: any, news: any) => (await load()).diff(id, olds, news),
  update: async (id: any, olds: any, news: any) => (await load()).update(id, olds, news),
} as any;
class Thing extends pulumi.dynamic.Resource {
  constructor(name: string, label: string) {
    super(provider, name, { label });
  }
}
const count = new pulumi.Config().requireNumber("count");
for (let i = 0; i < count; i++) new Thing(\`thing-\${i}\`, \`label-\${i}\`);
`;
/** Loads only the SDK, as a program does. */
const empty = 'import "@pulumi/pulumi";\n';

const root = mkdtempSync(join(tmpdir(), "engine-bench-"));

function project(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  const yaml = "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n";
  const all = { "Pulumi.yaml": yaml, "package.json": JSON.stringify({ type: "module", main: "index.ts" }), ...files };
  for (const [file, text] of Object.entries(all)) writeFileSync(join(folder, file), text);
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const env = { ...process.env, PULUMI_BACKEND_URL: `file://${root}/state`, PULUMI_CONFIG_PASSPHRASE: "bench" };
mkdirSync(join(root, "state"));

function timed(cwd: string, args: readonly string[]): number {
  const before = performance.now();
  execFileSync(process.execPath, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  return performance.now() - before;
}
const run = (cwd: string, ...args: string[]) => timed(cwd, [engine, ...args]);
const up = (cwd: string, stack: string) => run(cwd, "up", "--yes", "--skip-preview", "--stack", stack);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const ms = (value: number) => `${Math.round(value)} ms`;

try {
  const bare = project("empty", { "index.ts": empty });
  run(bare, "stack", "init", "empty");
  up(bare, "empty");
  // Interleaved, so that other load on the machine affects both.
  const [starts, noops]: [number[], number[]] = [[], []];
  for (let i = 0; i < REPEATS; i++) {
    starts.push(timed(bare, ["index.ts"]));
    noops.push(up(bare, "empty"));
  }
  const start = median(starts);
  const noop = median(noops);
  console.log(`node importing @pulumi/pulumi     ${ms(start)}`);
  console.log(`no-op up of an empty program      ${ms(noop)}, ${(noop / start).toFixed(2)} times that`);

  const things = project("things", { "index.ts": program, "provider.ts": provider });
  const creates: Record<number, number> = {};
  const sames: Record<number, number> = {};
  for (const size of SIZES) {
    const stack = `size-${size}`;
    run(things, "stack", "init", stack);
    run(things, "config", "set", "--stack", stack, "count", String(size));
    creates[size] = up(things, stack);
    sames[size] = median([up(things, stack), up(things, stack), up(things, stack)]);
    const share = Math.round((100 * start) / (sames[size] ?? 1));
    console.log(
      `${String(size).padStart(5)} resources: create ${ms(creates[size] ?? 0)}, no-op ${ms(sames[size] ?? 0)} (${share} % of it the start of Node and the SDK)`,
    );
  }
  const growth = (times: Record<number, number>, from: number, to: number) =>
    ((times[to] ?? 0) - (times[from] ?? 0)) / (to - from);
  for (const [from, to] of [
    [0, 100],
    [100, 1_000],
  ] as const)
    console.log(
      `growth per resource, ${from} to ${to}: create ${growth(creates, from, to).toFixed(2)} ms, no-op ${growth(sames, from, to).toFixed(2)} ms`,
    );
  console.log(
    JSON.stringify({
      noopRatio: Number((noop / start).toFixed(3)),
      msPerResource: Number(growth(creates, 0, 1_000).toFixed(3)),
      msPerResourceNoop: Number(growth(sames, 0, 1_000).toFixed(3)),
      emptyUpMs: Math.round(noop),
      nodeStartMs: Math.round(start),
    }),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
