import { writing } from "../graphs.ts";
import { withGraph } from "../suite.ts";
import { OF_ANY_TASK } from "./any-task.ts";
import { DISTURBED, OF_GROUPS } from "./regression-rows.ts";
import { behind, blind, scaled, shifted, use, weights, withTruth } from "./task-changes.ts";
import { storedOf } from "./task-model.ts";
import { noisy, type TaskMutant, type TaskScene } from "./task-scene.ts";

/** Makes the original candidate the champion. */
const against = (scene: TaskScene, candidate: TaskScene["model"]) => {
  scene.champion = scene.model;
  use(scene, candidate);
};

const MODELS: readonly TaskMutant[] = [
  {
    name: "price in cents",
    check: "performance.targets.price.rmse",
    mutate: (s) => use(s, shifted(s.model, [Math.log(100)])),
  },
  {
    name: "price in thousands",
    check: "performance.targets.price.mape",
    mutate: (s) => use(s, shifted(s.model, [-Math.log(1_000)])),
  },
  {
    name: "targets swapped",
    check: "performance.rmse",
    mutate: (s) => {
      s.graph = (model) => {
        writing(model, "values").input = ["area", "price"];
      };
    },
  },
  {
    name: "logarithm not undone",
    check: "performance.mape",
    mutate: (s) => {
      s.graph = (model) => {
        writing(model, "price").opType = "Identity";
      };
    },
  },
  {
    name: "logarithm of another base",
    check: "performance.smape",
    mutate: withGraph(behind("log_price", { opType: "Div", more: ["of_ten"] }, { of_ten: [Math.log(10)] })),
  },
  { name: "constant model", check: "performance.r2", mutate: (s) => use(s, shifted(scaled(s.model, 0), [3.3, 55])) },
  {
    name: "constant model, by absolute errors",
    check: "performance.d2",
    mutate: (s) => use(s, shifted(scaled(s.model, 0), [3.2, 56])),
  },
  { name: "too high by one", check: "performance.meanError", mutate: (s) => use(s, shifted(s.model, [0, 1.5])) },
  {
    name: "price too high by a twentieth",
    check: "performance.targets.price.meanError",
    mutate: (s) => use(s, shifted(s.model, [0.05])),
  },
  {
    name: "sign of a feature flipped",
    check: "performance.targets.area.rmse",
    mutate: (s) =>
      use(
        s,
        weights(s.model, (weight, feature) => (feature === 3 ? -weight : weight)),
      ),
  },
  { name: "ignores a feature", check: "performance.targets.area.r2", mutate: (s) => use(s, blind(s.model, 2)) },
  {
    name: "off by one row",
    check: "performance.mae",
    mutate: (s) => {
      const { truth, rows } = s.evaluation;
      s.evaluation = withTruth(s.evaluation, (_, row) => truth[(row + 1) % rows] as readonly number[]);
    },
  },
  {
    name: "saturated",
    check: "performance.maxError",
    mutate: withGraph(behind("price", { opType: "Min", more: ["ceiling"] }, { ceiling: [25] })),
  },
  {
    name: "one truth in another unit",
    check: "performance.maxError",
    mutate: (s) => {
      s.evaluation = withTruth(s.evaluation, (truth, row) => (row === 7 ? truth.map((value) => value * 1_000) : truth));
    },
  },
  { name: "most answers off", check: "performance.medianAe", mutate: (s) => use(s, shifted(s.model, [0, 4])) },
  { name: "price off by a third", check: "performance.msle", mutate: (s) => use(s, shifted(s.model, [-0.4])) },
  { name: "champion far better", check: "champion.rmse", mutate: (s) => against(s, blind(s.model, 0)) },
  { name: "stale: weights of long ago", check: "champion.mae", mutate: (s) => against(s, noisy(s.model, 0.5)) },
  {
    name: "overflows",
    check: "schema.finite",
    mutate: (s) => {
      s.model = shifted(s.model, [200]);
    },
  },
  {
    name: "answers one target of two",
    check: "schema.answers",
    mutate: (s) => {
      s.graph = (model) => {
        writing(model, "values").input = ["price"];
        const dims = model.graph?.output?.[0]?.type?.tensorType?.shape?.dim;
        if (dims?.[1]) dims[1] = { dimValue: 1 };
      };
    },
  },
];

const STORED: readonly TaskMutant[] = [
  {
    name: "rounds to whole numbers",
    check: "parity.difference",
    mutate: withGraph(behind("area", { opType: "Round" })),
  },
  {
    name: "served otherwise than trained",
    check: "parity.difference",
    mutate: (s) => {
      s.model = shifted(s.model, [0, 0.01]);
    },
  },
  {
    name: "one target served otherwise, by a share of its value",
    check: "parity.difference",
    mutate: (s) => {
      s.model = shifted(s.model, [1e-4]);
    },
  },
  {
    name: "a target without stored predictions",
    check: "parity.difference",
    outcome: "inconclusive",
    mutate: (s) => {
      const stored = storedOf("regression", s.model, s.evaluation);
      if (stored.kind !== "values") throw new Error("values are stored");
      s.stored = {
        kind: "values",
        targets: 1,
        names: ["price"],
        values: stored.values.filter((_, place) => place % 2 === 0),
      };
    },
  },
  {
    name: "predictions of other rows",
    check: "parity.difference",
    outcome: "inconclusive",
    mutate: (s) => {
      const stored = storedOf("regression", s.model, s.training);
      s.stored = stored;
    },
  },
];

export const REGRESSION_MUTANTS: readonly TaskMutant[] = [
  ...MODELS,
  ...STORED,
  ...OF_GROUPS,
  ...DISTURBED,
  ...OF_ANY_TASK.map((mutant) => ({ ...mutant, check: mutant.check.replace("OF_TASK", "rmseRise") })),
];
