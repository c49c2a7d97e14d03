// Models, data and champions with something wrong, each beside the check of the gate that must say so; then ways to a wrong promotion, each beside
// what the guard must refuse it for, on a real MLflow server. Ends with `N caught, N missed`.
import { MlflowClient } from "../registry/mlflow-client.ts";
import { startMlflow } from "../tests/helpers/mlflow-server.ts";
import { EVIDENCE_MUTANTS } from "../tests/registry/guard-mutants/evidence.ts";
import { caughtByGuard, makeScene } from "../tests/registry/guard-mutants/mutant.ts";
import { PRODUCTION_MUTANTS } from "../tests/registry/guard-mutants/production.ts";
import { caught, REFUSALS } from "../tests/training/gate/mutants/catch.ts";
import { examine, scene } from "../tests/training/gate/mutants/scene.ts";
import { MUTANTS } from "../tests/training/gate/mutants/table.ts";

let [found, missed] = [0, 0];
const tell = (name: string, check: string, detail: string | undefined) => {
  if (detail === undefined) missed++;
  else found++;
  const [line = ""] = (detail ?? "").split("\n  - ").slice(-1);
  console.log(
    `${detail === undefined ? "MISSED" : "caught"}  ${name.padEnd(60)} ${check.padEnd(30)} ${line.slice(0, 200)}`,
  );
};

async function gate(): Promise<void> {
  const honest = await examine(scene());
  const wrong = honest.checks.filter(({ outcome }) => outcome !== "pass");
  if (wrong.length > 0)
    throw new Error(`the honest model does not pass: ${wrong.map(({ detail }) => detail).join("; ")}`);
  console.log(`gate, honest model: ${honest.checks.length} checks, all passed`);
  for (const mutant of MUTANTS) tell(mutant.name, mutant.check, (await caught(mutant))?.detail);
  for (const { name, check, run } of REFUSALS) tell(name, check, await run());
}

async function guard(): Promise<void> {
  const mlflow = await startMlflow();
  try {
    const client = new MlflowClient({ trackingUri: mlflow.url });
    // Throws when the guard refuses it.
    await (await makeScene(client)).model.ask("2");
    console.log("guard, honest version: it may go to production");
    for (const mutant of [...EVIDENCE_MUTANTS, ...PRODUCTION_MUTANTS])
      tell(mutant.name, "guard", await caughtByGuard(client, mutant));
  } finally {
    await mlflow.stop();
  }
}

await gate();
await guard();
console.log(`${found} caught, ${missed} missed`);
if (missed > 0) process.exitCode = 1;
