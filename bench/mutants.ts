// Models, data and champions with something wrong, each beside the check that must say so. Ends with `N caught, N missed`.
import { caught, REFUSALS } from "../tests/training/gate/mutants/catch.ts";
import { examine, scene } from "../tests/training/gate/mutants/scene.ts";
import { MUTANTS } from "../tests/training/gate/mutants/table.ts";

const honest = await examine(scene());
const wrong = honest.checks.filter(({ outcome }) => outcome !== "pass");
if (wrong.length > 0)
  throw new Error(`the honest model does not pass: ${wrong.map(({ detail }) => detail).join("; ")}`);
console.log(`honest model: ${honest.checks.length} checks, all passed`);

let missed = 0;
const tell = (name: string, check: string, detail: string | undefined) => {
  if (detail === undefined) missed++;
  console.log(`${detail === undefined ? "MISSED" : "caught"}  ${name.padEnd(48)} ${check.padEnd(30)} ${detail ?? ""}`);
};
for (const mutant of MUTANTS) tell(mutant.name, mutant.check, (await caught(mutant))?.detail);
for (const { name, check, run } of REFUSALS) tell(name, check, await run());
console.log(`${MUTANTS.length + REFUSALS.length - missed} caught, ${missed} missed`);
if (missed > 0) process.exitCode = 1;
