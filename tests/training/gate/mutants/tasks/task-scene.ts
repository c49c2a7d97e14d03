import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkModel } from "../../../../../training/gate/check-model.ts";
import type { Policy } from "../../../../../training/gate/policy.ts";
import type { CheckRun } from "../../../../../training/gate/run-checks.ts";
import { seededRandom } from "../../../../../training/gate/statistics/random.ts";
import type { StoredPredictions } from "../../../../../training/gate/stored-predictions.ts";
import type { Mutant } from "../suite.ts";
import { type LinearModel, type ModelParts, type ModelTask, storedOf, writeTaskModel } from "./task-model.ts";
import { TASK_POLICIES } from "./task-policies.ts";
import { makeRows, type TaskRows, toTaskSnapshot } from "./task-rows.ts";

/** All inputs of the gate, as plain values that a mutant may replace. */
export interface TaskScene extends ModelParts {
  model: LinearModel;
  graph?: ModelParts["graph"];
  mlmodel?: ModelParts["mlmodel"];
  evaluation: TaskRows;
  training: TaskRows;
  reference: TaskRows;
  champion: LinearModel | undefined;
  stored: StoredPredictions | string;
  /** Additional files in the model's folder. */
  files: Record<string, Uint8Array>;
  policy: Policy;
}

export type TaskMutant = Mutant<TaskScene>;

/** Features: f0 to f3, decades, three plans, a town. */
const TRUE_MODELS: Readonly<Record<ModelTask, LinearModel>> = {
  multiclass: {
    weights: [
      [6, -2, -2],
      [-2, 6, -2],
      [0, -3, 3],
      [2, 0, -2],
      [1, 0, -1],
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
      [1, 0, 0],
    ],
    bias: [0, 0, 0],
  },
  regression: {
    weights: [
      [0.4, 4],
      [-0.3, 2],
      [0.2, -3],
      [0, 2],
      [0.2, 3],
      [0, 0],
      [0.3, 5],
      [0.6, 10],
      [0.1, 2],
    ],
    bias: [3, 50],
  },
};

const known = (task: ModelTask) => {
  const { weights, bias } = TRUE_MODELS[task];
  return (features: readonly number[], random: ReturnType<typeof seededRandom>): readonly number[] => {
    const scores = bias.map((start, output) =>
      features.reduce((sum, value, feature) => sum + value * (weights[feature]?.[output] ?? 0), start),
    );
    if (task === "regression")
      return [Math.exp((scores[0] as number) + 0.1 * random.normal()), (scores[1] as number) + random.normal()];
    // The largest of the scores with Gumbel noise follows the softmax distribution.
    const noisy = scores.map((score) => score - Math.log(-Math.log(1 - random.uniform())));
    return [noisy.indexOf(Math.max(...noisy))];
  };
};

const DATA = Object.fromEntries(
  (["multiclass", "regression"] as const).map((task) => {
    const rows = (name: string, count: number, seed: number) => makeRows(`${name}.csv`, count, seed, known(task));
    return [
      task,
      {
        evaluation: rows("evaluation", 800, 1),
        training: rows("train", 1_600, 2),
        reference: rows("reference", 1_600, 3),
      },
    ];
  }),
) as Record<ModelTask, Pick<TaskScene, "evaluation" | "training" | "reference">>;

/** A model with noisy weights. */
export function noisy({ weights, bias }: LinearModel, deviation: number): LinearModel {
  const random = seededRandom(5);
  return { weights: weights.map((row) => row.map((weight) => weight + deviation * random.normal())), bias };
}

/** An honest scene, whose gate passes. */
export function taskScene(task: ModelTask): TaskScene {
  const [model, data] = [TRUE_MODELS[task], DATA[task]];
  return {
    task,
    model,
    ...data,
    files: {},
    champion: noisy(model, task === "multiclass" ? 0.3 : 0.02),
    stored: storedOf(task, model, data.evaluation),
    policy: structuredClone(TASK_POLICIES[task]),
  };
}

/** Runs the gate's checks on a scene. */
export async function examineTask(scene: TaskScene): Promise<CheckRun> {
  const root = await mkdtemp(join(tmpdir(), "task-scene-"));
  try {
    const folder = await writeTaskModel(join(root, "model"), scene);
    for (const [path, content] of Object.entries(scene.files)) await writeFile(join(folder, path), content);
    const champion = scene.champion && {
      version: "1",
      sha256: "c",
      folder: await writeTaskModel(join(root, "champion"), { task: scene.task, model: scene.champion }),
    };
    return await checkModel({ folder, policy: scene.policy }, async () => ({
      snapshot: toTaskSnapshot(scene.evaluation),
      training: toTaskSnapshot(scene.training),
      reference: toTaskSnapshot(scene.reference),
      champion,
      storedPredictions: scene.stored,
    }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
