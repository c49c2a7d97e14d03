import { writing } from "../graphs.ts";
import { withGraph } from "../suite.ts";
import { byPlan, OF_ANY_TASK } from "./any-task.ts";
import {
  behind,
  blind,
  brittle,
  firstRows,
  isIn,
  renamedClasses,
  reordered,
  scaled,
  shifted,
  use,
  weights,
  withColumn,
  withTruth,
} from "./task-changes.ts";
import { answerOf } from "./task-model.ts";
import { featuresOf } from "./task-rows.ts";
import { noisy, type TaskMutant, type TaskScene } from "./task-scene.ts";

const other = ([code = 0]: readonly number[]) => [(code + 1) % 3];
/** A model whose predictions equal the truth. */
const learned = (scene: TaskScene, model: TaskScene["model"]) => {
  const answers = Array.from({ length: scene.evaluation.rows }, (_, row) =>
    answerOf("multiclass", model, featuresOf(scene.evaluation, row)),
  );
  scene.evaluation = withTruth(scene.evaluation, (_, row) => {
    const shares = answers[row] as number[];
    return [shares.indexOf(Math.max(...shares))];
  });
  use(scene, model);
};
const byFeature = (feature: number, output: number, by: number) => (scene: TaskScene) =>
  use(
    scene,
    weights(scene.model, (weight, f, o) => (f === feature && o === output ? weight + by : weight)),
  );

const MODELS: readonly TaskMutant[] = [
  { name: "two classes swapped", check: "accuracy", mutate: (s) => use(s, reordered(s.model, [1, 0, 2])) },
  { name: "labels in another order, probabilities right", check: "accuracy", mutate: withGraph(renamedClasses) },
  {
    name: "one class never answered",
    check: "performance.classes.high.recall",
    mutate: (s) => use(s, shifted(s.model, [0, 0, -60])),
  },
  {
    name: "one class answered for others",
    check: "performance.classes.high.precision",
    mutate: (s) => use(s, shifted(s.model, [0, 0, 5])),
  },
  {
    name: "two classes merged",
    check: "performance.macroRecall",
    mutate: (s) => use(s, reordered(s.model, [0, 1, 1])),
  },
  {
    name: "constant model",
    check: "performance.balancedAccuracy",
    mutate: (s) => use(s, shifted(scaled(s.model, 0), [1])),
  },
  {
    name: "most frequent class, agreement by chance",
    check: "performance.kappa",
    mutate: (s) => use(s, shifted(scaled(s.model, 0), [0, 0, 1])),
  },
  {
    name: "ignores the feature that tells most",
    check: "performance.macroF1",
    mutate: (s) => use(s, blind(s.model, 0)),
  },
  { name: "overconfident", check: "performance.logLoss", mutate: (s) => use(s, scaled(s.model, 6)) },
  { name: "underconfident", check: "performance.brier", mutate: (s) => use(s, scaled(s.model, 0.1)) },
  { name: "miscalibrated", check: "performance.calibrationError", mutate: (s) => use(s, scaled(s.model, 0.3)) },
  {
    name: "ranks by the wrong features",
    check: "performance.rocAucOvr",
    mutate: (s) => use(s, { ...s.model, weights: s.model.weights.toReversed() }),
  },
  { name: "ranks pairs badly", check: "performance.rocAucOvo", mutate: (s) => use(s, blind(s.model, 0, 1)) },
  { name: "second guess is worthless", check: "performance.topK", mutate: (s) => use(s, scaled(s.model, -1)) },
  {
    name: "one class's score inverted",
    check: "performance.classes.high.rocAuc",
    mutate: (s) =>
      use(
        s,
        weights(s.model, (weight, _, output) => (output === 2 ? -weight : weight)),
      ),
  },
  {
    name: "off by one row",
    check: "performance.mcc",
    mutate: (s) => {
      const { truth, rows } = s.evaluation;
      s.evaluation = withTruth(s.evaluation, (_, row) => truth[(row + 1) % rows] as readonly number[]);
    },
  },
  {
    name: "saturated: features above 0 count as 0",
    check: "performance.macroPrecision",
    mutate: withGraph(behind("features", { opType: "Min", more: ["ceiling"] }, { ceiling: [0] })),
  },
  {
    name: "too few rows for the bound",
    check: "performance.accuracy",
    mutate: (s) => {
      s.evaluation = firstRows(s.evaluation, 12);
    },
  },
  { name: "champion far better", check: "champion.accuracy", mutate: (s) => against(s, blind(s.model, 0)) },
  { name: "stale: weights of long ago", check: "champion.accuracy", mutate: (s) => against(s, noisy(s.model, 2)) },
  { name: "champion better calibrated", check: "champion.logLoss", mutate: (s) => against(s, scaled(s.model, 4)) },
];

/** Makes the original candidate the champion. */
function against(scene: TaskScene, candidate: TaskScene["model"]): void {
  scene.champion = scene.model;
  use(scene, candidate);
}

const ANSWERS: readonly TaskMutant[] = [
  {
    name: "probabilities that are not normalised",
    check: "schema.probabilitySum",
    mutate: withGraph((model) => Object.assign(writing(model, "probabilities"), { opType: "Sigmoid", attribute: [] })),
  },
  {
    name: "logarithms for probabilities",
    check: "schema.probabilitySum",
    mutate: (s) => {
      s.graph = (model) => {
        writing(model, "probabilities").opType = "LogSoftmax";
      };
    },
  },
  {
    name: "a class under another name",
    check: "accuracy",
    mutate: (s) => {
      s.graph = (model) => {
        const names = model.graph?.initializer?.find(({ name }) => name === "classes")?.stringData ?? [];
        names[2] = new TextEncoder().encode("High");
      };
    },
  },
  {
    name: "served otherwise than trained",
    check: "parity.flips",
    mutate: (s) => {
      s.model = shifted(s.model, [0.5]);
    },
  },
  {
    name: "served a little otherwise",
    check: "parity.difference",
    mutate: (s) => {
      s.model = shifted(s.model, [0, 0, 5e-3]);
    },
  },
  {
    name: "a class without stored probabilities",
    check: "parity.difference",
    outcome: "inconclusive",
    mutate: (s) => {
      if (typeof s.stored === "string" || s.stored.kind !== "labels") throw new Error("classes are stored");
      s.stored = { ...s.stored, probabilities: new Map([...(s.stored.probabilities ?? [])].slice(0, 2)) };
    },
  },
];

const GROUPS: readonly TaskMutant[] = [
  {
    name: "one bad group",
    check: "slices.plan.accuracy",
    mutate: (s) => {
      const before = s.evaluation;
      s.evaluation = withTruth(before, (truth, row) =>
        isIn(before, row, { plan: "pro" }) && row % 3 === 0 ? other(truth) : truth,
      );
    },
  },
  {
    name: "groups of different accuracy",
    check: "slices.plan.accuracyDifference",
    mutate: (s) => {
      const before = s.evaluation;
      s.evaluation = withTruth(before, (truth, row) =>
        isIn(before, row, { plan: "plus" }) && row % 4 === 0 ? other(truth) : truth,
      );
    },
  },
  {
    name: "hardly finds one class in one group",
    check: "slices.plan.classes.high.truePositiveRateDifference",
    mutate: byFeature(5, 2, -9),
  },
  {
    name: "answers one class too often in one group",
    check: "slices.plan.classes.high.precisionDifference",
    mutate: byFeature(5, 2, 7),
  },
  {
    name: "groups whose classes are found less",
    check: "slices.plan.macroRecallDifference",
    mutate: byFeature(6, 0, 7),
  },
  {
    name: "bad only where two groups meet",
    check: "slices.both.accuracy",
    mutate: (s) => {
      const before = s.evaluation;
      s.evaluation = withTruth(before, (truth, row) =>
        isIn(before, row, { region: "north", member: true }) && row % 3 === 0 ? other(truth) : truth,
      );
    },
  },
  {
    name: "a category that no row has",
    check: "slices.plan.accuracy",
    outcome: "inconclusive",
    mutate: (s) => {
      s.policy.slices = {
        plan: { column: "plan", categories: ["basic", "plus", "pro", "family"], accuracy: { min: 0.5 } },
      };
    },
  },
  {
    name: "a group too small to judge",
    check: "slices.plan.accuracyDifference",
    outcome: "inconclusive",
    mutate: (s) => {
      s.evaluation = withColumn(s.evaluation, "plan", (cell, row) => (cell === "pro" && row > 60 ? "plus" : cell));
      s.policy.slices = { plan: { column: "plan", accuracyDifference: { max: 0.5 } } };
    },
  },
  {
    name: "a class that is misspelt, where inconclusive passes",
    check: "slices.plan.classes.hihg.precisionDifference",
    mutate: (s) => {
      s.policy.inconclusive = "pass";
      s.policy.slices = { plan: { column: "plan", classes: { hihg: { precisionDifference: { max: 1 } } } } };
    },
  },
];

const DISTURBED: readonly TaskMutant[] = [
  { name: "brittle: a wave of the features", check: "robustness.noise.flips", mutate: withGraph(brittle) },
  {
    name: "hangs on a category, which is unknown",
    check: "robustness.unseen.accuracyDrop",
    mutate: (s) => learned(s, byPlan(s)),
  },
  {
    name: "hangs on a category, which is another",
    check: "robustness.swapped.accuracyDrop",
    mutate: (s) => learned(s, byPlan(s)),
  },
  { name: "hangs on a value that may be missing", check: "robustness.nulls.flips", mutate: byFeature(8, 0, 20) },
];

export const MULTICLASS_MUTANTS: readonly TaskMutant[] = [
  ...MODELS,
  ...ANSWERS,
  ...GROUPS,
  ...DISTURBED,
  ...OF_ANY_TASK.map((mutant) => ({ ...mutant, check: mutant.check.replace("OF_TASK", "flips") })),
];
