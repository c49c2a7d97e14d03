import { testPython } from "../../helpers/python.ts";
import { missingForCluster, restartCommand } from "./missing.ts";

/** Says by name what is skipped and why, and makes the Python environment where a test needs it. */
export async function setup() {
  const missing = missingForCluster();
  if (missing.length > 0) {
    const skipped = `tests/cluster: this machine lacks ${missing.join(", ")}`;
    // Who names a cluster in CI wants them to run.
    if (process.env.CI === "true" && process.env.KUBECONFIG) throw new Error(skipped);
    return console.log(`SKIPPED ${skipped}`);
  }
  if (!restartCommand)
    console.log("SKIPPED the API server's restart: CLUSTER_API_RESTART names no command that restarts it");
  await testPython((line) => console.log(line));
}
