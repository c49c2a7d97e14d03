import { testPython } from "../../helpers/python.ts";
import { missingForCli, missingForEngine } from "./engine.ts";

/** Lists the skipped tests with the reason, and creates the Python environment if a test needs it. */
export async function setup() {
  const engine = missingForEngine();
  const cli = missingForCli();
  const files = ["image", "gateway", "mlflow"].map((name) => `tests/docker/${name}.test.ts`);
  if (engine.length > 0) console.log(`SKIPPED ${files.join(", ")}: this machine lacks ${engine.join(", ")}`);
  const onCli = ["whole", "ended-containers", "kept-data", "policy-pack", "side-by-side"].map(
    (name) => `tests/docker/${name}.test.ts`,
  );
  if (cli.length > 0) console.log(`SKIPPED ${onCli.join(", ")}: this machine lacks ${cli.join(", ")}`);
  if (engine.length === 0) await testPython((line) => console.log(line));
}
