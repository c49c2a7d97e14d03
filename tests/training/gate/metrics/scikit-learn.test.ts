import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import recorded from "../../../fixtures/gate-metrics/tasks.json" with { type: "json" };
import { testNeedingPython } from "../../../helpers/test-needing.ts";
import { expectBinary, expectMulticlass, expectRegression, type RecordedTasks } from "./recorded-tasks.ts";

const tasks: RecordedTasks = recorded;

describe("every metric equals scikit-learn's", () => {
  test.each(tasks.binary)("binary: $name", expectBinary);
  test.each(tasks.multiclass)("multiclass: $name", expectMulticlass);
  test.each(tasks.regression)("regression: $name", expectRegression);
});

test("the recorded vectors contain the special cases", () => {
  const names = [...tasks.binary, ...tasks.multiclass, ...tasks.regression].map(({ name }) => name).join("\n");
  for (const kind of [
    "1 rows",
    "negatives",
    "positives",
    "ties",
    "certain",
    "margins",
    "constant",
    "counts",
    "fractions",
  ])
    expect(names).toContain(kind);
  for (const kind of ["absent", "one, ", "2 classes", "6 classes", "3 targets", "exact"]) expect(names).toContain(kind);
});

const { python, testWithPython } = await testNeedingPython();

async function compareVectors(seed: number): Promise<void> {
  const { stdout } = await promisify(execFile)(
    python,
    ["tests/fixtures/gate-metrics/record_tasks.py", "--seed", String(seed), "--cases", "40"],
    { maxBuffer: 2 ** 28 },
  );
  const fresh = JSON.parse(stdout) as RecordedTasks;
  const within = (task: string, name: string, run: () => void) => {
    try {
      run();
    } catch (cause) {
      throw new Error(`seed ${seed}, ${task}: ${name}: ${(cause as Error).message}`, { cause });
    }
  };
  for (const one of fresh.binary) within("binary", one.name, () => expectBinary(one));
  for (const one of fresh.multiclass) within("multiclass", one.name, () => expectMulticlass(one));
  for (const one of fresh.regression) within("regression", one.name, () => expectRegression(one));
}

testWithPython("every metric of new random vectors equals scikit-learn's", { timeout: 120_000 }, () =>
  compareVectors(Math.floor(Math.random() * 2 ** 31)),
);

testWithPython(
  "so does the Matthews coefficient where scikit-learn's rounding makes it NaN",
  { timeout: 120_000 },
  () =>
    // One class with fractional weights.
    compareVectors(1_523_079_750),
);
