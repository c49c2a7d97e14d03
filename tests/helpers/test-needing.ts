import { spawnSync } from "node:child_process";
import { type TestFunction, type TestOptions, test } from "vitest";
import { testPython } from "./python.ts";

/** What a machine lacks for a test, and how to get it. */
export interface Missing {
  readonly what: string;
  readonly remedy: string;
}

/** Returns whether a test runs, is skipped, or fails because CI must run everything. */
export function fateOf(missing: Missing | undefined, ci: string | undefined): "run" | "skip" | "fail" {
  if (!missing) return "run";
  return ci === "true" ? "fail" : "skip";
}

/**
 * Declares tests that require an installed program. Without it, each is skipped, and its name and the reason are printed. With CI=true,
 * it fails instead, unless the program is optional in CI.
 */
export function testNeeding(missing: Missing | undefined, { alsoInCi = true } = {}) {
  return (name: string, options: TestOptions, run: TestFunction): void => {
    const fate = fateOf(missing, alsoInCi ? process.env.CI : undefined);
    const reason = `${missing?.what} (${missing?.remedy})`;
    if (fate === "run") {
      test(name, options, run);
    } else if (fate === "skip") {
      process.stderr.write(`skipped: ${name}: ${reason}\n`);
      test.skip(name, options, run);
    } else {
      test(name, () => {
        throw new Error(`this test cannot run, and CI=true lets no test be skipped: ${reason}`);
      });
    }
  };
}

/** Returns undefined if the program starts. */
export function missingProgram(command: string, args: readonly string[], remedy: string): Missing | undefined {
  return spawnSync(command, args).status === 0 ? undefined : { what: `${command} does not start`, remedy };
}

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
