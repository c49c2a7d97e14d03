import { testPython } from "./python.ts";
import { type Missing, testNeeding } from "./test-needing.ts";

/** Declares tests that run Python with scikit-learn and MLflow; creates the environment if it does not exist. */
export async function testNeedingPython() {
  let python = "";
  let missing: Missing | undefined;
  try {
    python = await testPython();
  } catch (cause) {
    const [what = ""] = (cause as Error).message.split("\n");
    missing = { what, remedy: "tests/helpers/requirements.txt names the packages" };
  }
  return { python, testWithPython: testNeeding(missing) };
}
