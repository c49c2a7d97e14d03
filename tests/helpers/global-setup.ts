import { testPython } from "./python.ts";

/** The Python environment is made once, before the first integration test, and kept. */
export async function setup() {
  await testPython((line) => console.log(line));
}
