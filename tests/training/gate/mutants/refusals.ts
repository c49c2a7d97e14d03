import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DECLARED_DIGEST_TAG, gateTags } from "../../../../registry/evidence.ts";
import type { ModelVersion } from "../../../../registry/model-versions.ts";
import { integrityFailure } from "../../../../training/gate/judge.ts";
import { loadSnapshot } from "../../../../training/snapshot.ts";
import type { Trial } from "./suite.ts";

/** Inputs that are rejected before a model runs: each returns the message, or undefined if it was accepted. */
export const REFUSALS: readonly Trial[] = [
  {
    name: "file tampered with after training",
    check: "integrity",
    run: async () => integrityFailure(version({ [DECLARED_DIGEST_TAG]: "a" }), "b")?.detail,
  },
  {
    name: "file tampered with after the gate",
    check: "integrity",
    run: async () => {
      const evidence = { verdict: "passed", summary: "s", policySha256: "p", evaluationMd5: "e", report: "r" } as const;
      return integrityFailure(version(gateTags({ ...evidence, modelSha256: "a", judgedAt: "t" })), "b")?.detail;
    },
  },
  {
    name: "stale pointer",
    check: "data pointer",
    run: async () => {
      const { folder, path } = await staleCopy();
      try {
        await loadSnapshot(path);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
];

const version = (tags: Record<string, string>): ModelVersion => ({
  name: "churn-model",
  version: "1",
  runId: "run",
  stage: "None",
  status: "READY",
  source: "s",
  tags,
  aliases: [],
  description: "",
});

const SOURCE = "models/churn/data/evaluation.csv";

/** A copy of the evaluation snapshot without its last row, with the pointer of the complete one. */
export async function staleCopy(): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "stale-"));
  const path = join(folder, "evaluation.csv");
  const rows = (await readFile(SOURCE, "utf8")).trimEnd().split("\n");
  await writeFile(path, `${rows.slice(0, -1).join("\n")}\n`);
  await copyFile(`${SOURCE}.dvc`, `${path}.dvc`);
  return { folder, path };
}
