import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkModel } from "../../../../training/gate/check-model.ts";
import { evaluationData } from "../../../../training/gate/evaluation-data.ts";
import { familywiseText } from "../../../../training/gate/multiplicity.ts";
import { parsePolicy } from "../../../../training/gate/policy.ts";
import { pinnedCsv } from "../../../fixtures/training/pinned-csv.ts";
import { mlmodelOf, testModel } from "../../../service/helpers/test-model.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "family-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Prints 4 and the interval that `ends` computes from `confidence`, and records each requested confidence. */
async function command(name: string, ends: string): Promise<string[]> {
  const path = join(folder, `${name}.mjs`);
  await writeFile(
    path,
    `import { appendFileSync } from "node:fs";
const confidence = Number(process.env.CONFIDENCE);
appendFileSync(${JSON.stringify(`${path}.asked`)}, confidence + "\\n");
console.log(JSON.stringify({ value: 4, interval: ${ends} }));`,
  );
  return [process.execPath, path];
}
const askedFor = async (name: string) =>
  (await readFile(join(folder, `${name}.mjs.asked`), "utf8")).trim().split("\n").map(Number);

/** A model that is correct on all 40 rows. */
async function examined(gate: object) {
  const policy = parsePolicy(gate, "gate");
  const rows = Array.from({ length: 40 }, (_, row) =>
    row % 2 === 0 ? `1,2,3,${row % 4},1` : `-1,0.5,-0.25,${row % 4},0`,
  );
  const path = await pinnedCsv(`a,b,c,g,label\n${rows.join("\n")}\n`);
  const inputs = ["a", "b", "c"].map((name) => ({ name, type: "float", required: true }));
  await using model = await testModel({ mlmodel: { ...mlmodelOf(3), signature: { inputs: JSON.stringify(inputs) } } });
  return await checkModel({ folder: model.folder, policy }, async (opened) => ({
    snapshot: await evaluationData({ path, policy }, opened),
  }));
}

test("Holm reruns a custom metric's command at the confidence that its family needs", {
  timeout: 60_000,
}, async () => {
  // Widens with the confidence: its lower end is 3.5 at 0.95, and 3.25 at 0.975.
  const revenue = { command: await command("wider", "[4 - 10 * confidence + 9, 5]"), confidence: 0.95 };
  const gate = { accuracy: { min: 0.8, confidence: 0.95 }, multiplicity: "holm" };
  const passes = await examined({ ...gate, custom: { revenue: { ...revenue, min: 3.2 } } });
  expect(passes.checks).toMatchObject([
    { check: "accuracy", outcome: "pass" },
    { check: "custom.revenue", outcome: "pass", confidence: 0.975, interval: [expect.closeTo(3.25, 9), 5] },
  ]);
  expect(await askedFor("wider")).toEqual([0.95, 0.975]);
  expect(passes.facts.familywise).toEqual({ checks: 2, multiplicity: "holm", risk: expect.closeTo(0.025, 12) });
  // The accuracy's bound is not met, which leaves the command only half of the error.
  const fails = await examined({
    ...gate,
    accuracy: { min: 0.99, confidence: 0.95 },
    custom: { revenue: { ...revenue, min: 3.4 } },
  });
  expect(fails.checks.map(({ check, outcome }) => [check, outcome])).toEqual([
    ["accuracy", "fail"],
    ["custom.revenue", "fail"],
  ]);
});

test("a command that prints the same interval for any confidence fails under Holm", { timeout: 60_000 }, async () => {
  const custom = { revenue: { command: await command("deaf", "[3, 5]"), min: 2, confidence: 0.95 } };
  // Not met, which leaves the command only half of the error.
  const accuracy = { min: 0.99, confidence: 0.95 };
  const { checks } = await examined({ accuracy, custom, multiplicity: "holm" });
  expect(checks[1]).toMatchObject({
    check: "custom.revenue",
    outcome: "fail",
    detail:
      "revenue: the command printed the same interval [3, 5] for 95 % and for the 97.5 % that gate.multiplicity: holm requires. " +
      "Compute it at the confidence in CONFIDENCE, or set level: advisory",
  });
  // Each bound has its own error, and the report states the joint risk.
  const plain = await examined({ accuracy, custom });
  expect(plain.checks[1]).toMatchObject({ check: "custom.revenue", outcome: "pass" });
  expect(plain.facts.familywise).toMatchObject({ checks: 2, risk: expect.closeTo(0.05, 12) });
  expect(familywiseText(plain.facts.familywise ?? { checks: 0, risk: 1, multiplicity: "holm" })).toContain(
    "at most 5 %",
  );
});

test("a bound without an answer at the adjusted confidence has one result", { timeout: 60_000 }, async () => {
  const path = join(folder, "fails-above.mjs");
  await writeFile(
    path,
    `if (process.env.CONFIDENCE !== "0.95") process.exit(3);
console.log(JSON.stringify({ value: 4, interval: [3, 5] }));`,
  );
  const custom = { both: { command: [process.execPath, path], min: 2, max: 6, confidence: 0.95 } };
  const { checks, facts } = await examined({ custom, multiplicity: "holm" });
  expect(facts.familywise?.checks).toBe(2);
  expect(checks).toMatchObject([
    { check: "custom.both", outcome: "fail", detail: expect.stringContaining("exited with code 3") },
  ]);
});

test("a slice's accuracy with confidence is in the family", { timeout: 60_000 }, async () => {
  // Ten rows per group, all correct: the exact lower end is 0.69 at 0.95, and 0.65 at 0.975.
  const slices = { g: { column: "g", minSize: 1, accuracy: { min: 0.67, confidence: 0.95 } } };
  const gate = { accuracy: { min: 0.99, confidence: 0.95 }, slices };
  const outcomes = async (more: object) =>
    (await examined({ ...gate, ...more })).checks.map(({ check, outcome }) => [check, outcome]);
  expect(await outcomes({})).toEqual([
    ["accuracy", "fail"],
    ["slices.g.accuracy", "pass"],
  ]);
  expect(await outcomes({ multiplicity: "holm" })).toEqual([
    ["accuracy", "fail"],
    ["slices.g.accuracy", "fail"],
  ]);
});
