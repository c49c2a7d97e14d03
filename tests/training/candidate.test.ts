import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fitCandidate, withModelFolder } from "../../training/candidate.ts";
import { checkModel } from "../../training/gate/check-model.ts";
import type { Policy } from "../../training/gate/policy.ts";
import { ownPredictions } from "../../training/own-predictions.ts";
import { loadSnapshot } from "../../training/snapshot.ts";
import { pinnedCsv } from "../fixtures/training/pinned-csv.ts";
import { CHURN } from "../fixtures/training/recorded.ts";

const settings = (evaluationData: string) => ({
  experiment: "e",
  model: "m",
  trainingData: `${CHURN}/train.csv`,
  evaluationData,
  params: { C: 1, maxIterations: 200 },
});

/** The evaluation rows with reversed columns and an extra column for groups. */
async function rearranged(): Promise<string> {
  const lines = (await readFile(`${CHURN}/evaluation.csv`, "utf8")).trim().split("\n");
  const turned = lines.map((line, index) => {
    const cells = line.split(",");
    return [index === 0 ? "region" : index % 2, ...cells.slice(0, -1).reverse(), cells.at(-1)].join();
  });
  return pinnedCsv(`${turned.join("\n")}\n`, "evaluation.csv");
}

test("reordered evaluation columns and an extra grouping column do not change the results", async () => {
  const evaluationData = await rearranged();
  const candidate = await fitCandidate(settings(evaluationData));
  const { evaluation } = await fitCandidate(settings(`${CHURN}/evaluation.csv`));
  expect(candidate.evaluation.columns).toEqual(evaluation.columns);
  expect(candidate.evaluation.features).toEqual(evaluation.features);
  const snapshot = await loadSnapshot(evaluationData);
  const training = await loadSnapshot(candidate.training.path);
  const { labels, positive } = ownPredictions(candidate.fitted, candidate.evaluation);
  const storedPredictions = { kind: "labels", labels: [...labels], positive } as const;
  const { checks } = await withModelFolder(candidate, "run", (folder) =>
    checkModel({ folder, policy: POLICY }, async () => ({ snapshot, storedPredictions, training })),
  );
  expect(checks.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
  expect(checks.find(({ check }) => check === "accuracy")).toMatchObject({ value: 359 / 400 });
});

const POLICY: Policy = {
  accuracy: { min: 0.85 },
  parity: { flips: { max: 0 }, difference: { max: 1e-6 } },
  slices: { region: { column: "region", accuracy: { min: 0.8 } } },
  data: { leakage: { max: 0 } },
  schema: { signature: {} },
  robustness: { noise: { deviations: 0.05, flips: { max: 0.1 } } },
};

test("rejects evaluation rows that lack a training column, and names it", async () => {
  const evaluationData = await pinnedCsv("f0,f1,label\n1,2,0\n", "evaluation.csv");
  await expect(fitCandidate(settings(evaluationData))).rejects.toThrow(
    /evaluation\.csv lacks columns of .*train\.csv: f2, f3, f4, f5, f6, f7, f8, f9; it has f0, f1$/,
  );
});
