import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "../infra/render/render-stack.ts";
import { ensurePythonVenv } from "../infra/targets/local/python-venv.mjs";
import { podSpecOf, restrictedWarnings } from "../tests/kubernetes/pod-security.ts";

/**
 * Measures how long rendering a stack takes in its own process, as for a user, and validates the objects: errors against the schemas of three Kubernetes
 * minor versions, and warnings of the restricted pod-security profile. The last line shows the figures as JSON.
 */
const ROUNDS = 5;
const MINORS = ["1.35", "1.36", "1.37"];
const run = promisify(execFile);

const python = await ensurePythonVenv({
  folder: ".venv-schemas",
  requirements: ["tests/kubernetes/requirements.txt"],
  log: console.log,
});
const seconds: number[] = [];
/** Processor time, which depends little on other load. */
const processor: number[] = [];
const manifests: Manifest[] = [];
for (const stack of ["staging", "production"]) {
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const { stdout, stderr } = await run(process.execPath, ["infra/render/render.ts", stack]);
    seconds.push((performance.now() - began) / 1000);
    processor.push(Number(/processor: ([\d.]+)/.exec(stderr)?.[1]));
    console.log(`${stack}: ${seconds.at(-1)?.toFixed(2)} s, of processor ${processor.at(-1)} s`);
    if (round === 0) manifests.push(...parseAllDocuments(stdout).map((document) => document.toJS() as Manifest));
  }
}
const checked = spawnSync(python, ["tests/kubernetes/validate.py", ...MINORS], {
  input: JSON.stringify(manifests),
  encoding: "utf8",
});
if (checked.status !== 0) throw new Error(`validate.py exited with ${checked.status}: ${checked.stderr}`);
const { errors } = JSON.parse(checked.stdout) as { errors: string[] };
const warnings = manifests.flatMap((manifest) => {
  const pod = podSpecOf(manifest);
  return pod ? restrictedWarnings(pod) : [];
});
const round = (value: number) => Number(value.toFixed(2));
console.log(
  JSON.stringify({
    renderSeconds: round(median(seconds)),
    fastestSeconds: round(Math.min(...seconds)),
    processorSeconds: median(processor),
    objects: manifests.length,
    minors: MINORS,
    schemaErrors: errors.length,
    restrictedWarnings: warnings.length,
  }),
);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
