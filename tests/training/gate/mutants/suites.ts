import { ANOMALY_MUTANTS } from "./anomaly/mutants.ts";
import { anomalyScene, examineDetector } from "./anomaly/scene.ts";
import { BROKEN_INPUTS } from "./broken-inputs.ts";
import { CONTRACT_MUTANTS } from "./contract/mutants.ts";
import { contractScene, examineContract } from "./contract/scene.ts";
import { POOR_MODELS } from "./poor-models.ts";
import { REFUSALS } from "./refusals.ts";
import { examine, scene } from "./scene.ts";
import { type Suite, suiteOf } from "./suite.ts";
import { MULTICLASS_MUTANTS } from "./tasks/multiclass.ts";
import { REGRESSION_MUTANTS } from "./tasks/regression.ts";
import { examineTask, taskScene } from "./tasks/task-scene.ts";

const ofModels = suiteOf({
  kind: "binary",
  scene,
  examine,
  mutants: [...POOR_MODELS, ...BROKEN_INPUTS],
  least: { accuracy: { min: 0.88 } },
});
const ROWS = { data: { rows: { min: 1 } } };

export const BINARY: Suite = { ...ofModels, trials: [...ofModels.trials, ...REFUSALS] };
export const CONTRACT = suiteOf({
  kind: "data contract",
  scene: contractScene,
  examine: examineContract,
  mutants: CONTRACT_MUTANTS,
  least: ROWS,
});
export const TASKS = [
  ...(
    [
      ["multiclass", MULTICLASS_MUTANTS],
      ["regression", REGRESSION_MUTANTS],
    ] as const
  ).map(([kind, mutants]) =>
    suiteOf({ kind, mutants, scene: () => taskScene(kind), examine: examineTask, least: ROWS }),
  ),
  suiteOf({
    kind: "anomaly",
    scene: anomalyScene,
    examine: examineDetector,
    mutants: ANOMALY_MUTANTS,
    least: ROWS,
  }),
];
