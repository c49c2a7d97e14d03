import { testPython } from "./python.ts";

/** Creates the Python environment once, before the first integration test, and keeps it. */
export async function setup() {
  await testPython((line) => console.log(line));
}
