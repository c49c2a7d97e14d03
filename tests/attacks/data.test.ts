import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { provider as gate } from "../../training/gate/quality-gate-provider.ts";
import { pinnedCsv, pointer } from "../fixtures/training/pinned-csv.ts";
import { serve } from "../helpers/http-server.ts";

test("swapped data: a trainer that replaces what the gate judges on, pointer and all, is not judged", async () => {
  const path = await pinnedCsv("a,label\n1,0\n2,1\n");
  // What the program says when the update begins.
  const { md5: evaluationMd5 } = await readDvcPointer(`${path}.dvc`);
  const easy = "a,label\n0,0\n9,1\n";
  await writeFile(path, easy);
  await writeFile(`${path}.dvc`, pointer(easy, "data.csv"));
  await using registry = await serve((_, response) => response.writeHead(500).end());
  const task = { modelName: "churn-model", version: "1", policy: { accuracy: { min: 0.5 } } };
  const judged = gate.create({
    ...task,
    registry: { trackingUri: registry.url },
    evaluationData: path,
    evaluationMd5,
  });
  await expect(judged).rejects.toThrow(`changed during the update: it had md5 ${evaluationMd5}`);
  // Not even asked: the judging does not begin.
  expect(registry.requests).toEqual([]);
});
