/** Before anything is trained, a preview says how many rows the policy's intervals need. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeProject, type Project } from "../helpers/project.ts";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

const preview = () => project.pulumi("preview", "--non-interactive", "--stack", "staging");

test("estimates the rows that a margin and a bound with confidence need, and trains nothing", async () => {
  expect((await preview()).output).not.toContain("rows that the gate's intervals need");
  await project.set("staging", "gate.champion.first", "pass");
  await project.set("staging", "gate.champion.accuracy.margin", "0.01");
  await project.set("staging", "gate.accuracy.confidence", "0.95");
  const { exitCode, output } = await preview();
  expect(exitCode, output).toBe(0);
  expect(output).toMatch(
    /rows that the gate's intervals need: accuracy \(min 0\.\d+\) about \d+ rows, so that a model with 0\.\d+ passes in 80 % of cases; champion\.accuracy \(margin 0\.01\) about 4,000 rows, .*evaluation\.csv has 400 rows/,
  );
});
