/**
 * `PULUMI_CLI=$(which pulumi) npx node packages/engine/tests/helpers/record.ts [--check] <scenario> …`: plays scenarios with the
 * official CLI and records the results. `--check` compares instead, and prints the differences.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { play, playScenario, type Recorded, type Step } from "./conformance.ts";
import { CONFORMANCE, OFFICIAL, Workspace } from "./scenario.ts";

async function record(name: string): Promise<void> {
  const folder = join(CONFORMANCE, "scenarios", name);
  const { steps } = JSON.parse(readFileSync(join(folder, "steps.json"), "utf8")) as { steps: Step[] };
  const workspace = Workspace.scenario(name, OFFICIAL);
  try {
    await workspace.ok("stack", "init", "test");
    const recorded: Recorded[] = [];
    for (const step of steps) {
      const { output: _output, ...played } = await play(workspace, step);
      recorded.push({ step, ...played });
    }
    writeFileSync(join(folder, "expected.json"), `${JSON.stringify({ steps: recorded }, undefined, 1)}\n`);
  } finally {
    workspace.remove();
  }
}

const args = process.argv.slice(2);
for (const name of args.filter((arg) => arg !== "--check")) {
  if (!args.includes("--check")) await record(name);
  const differences = args.includes("--check") ? await playScenario(name, OFFICIAL) : [];
  console.log(`${name}: ${differences.length === 0 ? "ok" : differences.join("\n")}`);
  if (differences.length > 0) process.exitCode = 1;
}
