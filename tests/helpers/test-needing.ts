import { spawnSync } from "node:child_process";
import { type TestFunction, type TestOptions, test } from "vitest";

/** What a machine lacks for a test, and how to get it. */
export interface Missing {
  readonly what: string;
  readonly remedy: string;
}

/** What happens to a test: where CI has to run everything, a test that cannot run fails. */
export function fateOf(missing: Missing | undefined, ci: string | undefined): "run" | "skip" | "fail" {
  if (!missing) return "run";
  return ci === "true" ? "fail" : "skip";
}

/**
 * Declares tests that need a program of the machine. Without it each is skipped, and its name and the reason are printed; it fails
 * where CI=true, unless CI need not have the program.
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

/** Undefined when the program starts. */
export function missingProgram(command: string, args: readonly string[], remedy: string): Missing | undefined {
  return spawnSync(command, args).status === 0 ? undefined : { what: `${command} does not start`, remedy };
}
