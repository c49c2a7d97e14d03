import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface VitestReport {
  readonly numTotalTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

export interface Attacks {
  readonly attacks: number;
  /** Successful attacks: failed tests. */
  readonly attacksPassed: number;
}

/** Counts a file that cannot be loaded as failed. A skipped test, or a run without tests, has tried nothing. */
export function countAttacks(report: VitestReport): Attacks {
  const attacks = report.numTotalTests - report.numPendingTests - report.numTodoTests;
  const nothing = attacks === 0 || (report.numFailedTests === 0 && report.numFailedTestSuites > 0);
  return { attacks, attacksPassed: nothing ? 1 : report.numFailedTests };
}

/**
 * Runs the tests in tests/attacks.
 * @param root the repository's folder
 */
export async function runAttacks(root: string): Promise<Attacks> {
  const folder = await mkdtemp(join(tmpdir(), "attacks-"));
  try {
    const file = join(folder, "report.json");
    const args = ["vitest", "run", "--reporter=json", `--outputFile=${file}`, "tests/attacks"];
    // The exit code is redundant, because the report shows failed tests.
    const said = await new Promise<string>((done) =>
      execFile("npx", args, { cwd: root, maxBuffer: 2 ** 26 }, (_, stdout, stderr) => done(`${stdout}${stderr}`)),
    );
    const text = await readFile(file, "utf8").catch((cause) => {
      throw new Error(`the tests in tests/attacks left no report:\n${said}`, { cause });
    });
    return countAttacks(JSON.parse(text) as VitestReport);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
