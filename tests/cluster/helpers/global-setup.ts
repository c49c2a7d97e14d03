import { testPython } from "../../helpers/python.ts";
import { missingForCluster, restartCommand } from "./missing.ts";

/** Lists the skipped tests with the reason, and creates the Python environment if a test needs it. */
export async function setup() {
  const missing = missingForCluster();
  if (missing.length > 0) {
    const skipped = `tests/cluster: this machine lacks ${missing.join(", ")}`;
    // In CI, KUBECONFIG means that the tests must run.
    if (process.env.CI === "true" && process.env.KUBECONFIG) throw new Error(skipped);
    return console.log(`SKIPPED ${skipped}`);
  }
  if (!restartCommand)
    console.log("SKIPPED the API server's restart: CLUSTER_API_RESTART names no command that restarts it");
  await testPython((line) => console.log(line));
}
