// Runs faulty models of every task, faulty data and faulty champions; the named check of the gate must catch each. Then tries ways to a wrong promotion on
// a real MLflow server; the guard must refuse each for the named reason. Ends with the counts by task and `N caught, N missed`.
import { MlflowClient } from "../registry/mlflow-client.ts";
import { startMlflow } from "../tests/helpers/mlflow-server.ts";
import { EVIDENCE_MUTANTS } from "../tests/registry/guard-mutants/evidence.ts";
import { caughtByGuard, makeScene } from "../tests/registry/guard-mutants/mutant.ts";
import { PRODUCTION_MUTANTS } from "../tests/registry/guard-mutants/production.ts";
import { BINARY, CONTRACT, TASKS } from "../tests/training/gate/mutants/suites.ts";
import type { CheckRun } from "../training/gate/run-checks.ts";

const counts = new Map<string, { caught: number; missed: number }>();
const record = (kind: string, name: string, check: string, detail: string | undefined) => {
  const count = counts.get(kind) ?? { caught: 0, missed: 0 };
  counts.set(kind, count);
  count[detail === undefined ? "missed" : "caught"]++;
  const [line = ""] = (detail ?? "").split("\n  - ").slice(-1);
  console.log(
    `${detail === undefined ? "MISSED" : "caught"}  ${name.padEnd(60)} ${check.padEnd(30)} ${line.slice(0, 200)}`,
  );
};

/** A finding in a mutant means nothing if the gate finds the same in an honest model. */
function requireAllPassed(kind: string, { checks }: CheckRun): void {
  const wrong = checks.filter(({ outcome }) => outcome !== "pass");
  if (wrong.length > 0)
    throw new Error(`the honest ${kind} scene does not pass: ${wrong.map(({ detail }) => detail).join("; ")}`);
  console.log(`gate, honest ${kind} scene: ${checks.length} checks, all passed`);
}

async function gate(): Promise<void> {
  for (const { kind, honest, trials } of [BINARY, ...TASKS, CONTRACT]) {
    requireAllPassed(kind, await honest());
    for (const { name, check, run } of trials) record(kind, name, check, await run());
  }
}

async function guard(): Promise<void> {
  const mlflow = await startMlflow();
  try {
    const client = new MlflowClient({ trackingUri: mlflow.url });
    // Throws when the guard refuses it.
    await (await makeScene(client)).model.ask("2");
    console.log("guard, honest version: accepted");
    for (const mutant of [...EVIDENCE_MUTANTS, ...PRODUCTION_MUTANTS])
      record("guard", mutant.name, "guard", await caughtByGuard(client, mutant));
  } finally {
    await mlflow.stop();
  }
}

await gate();
await guard();
let [found, missed] = [0, 0];
for (const [kind, count] of counts) {
  console.log(`${kind}: ${count.caught} caught, ${count.missed} missed`);
  found += count.caught;
  missed += count.missed;
}
console.log(`${found} caught, ${missed} missed`);
if (missed > 0) process.exitCode = 1;
