import { byPlan } from "./any-task.ts";
import { brittle, isIn, use, WAVES, weights, withColumn, withTruth } from "./task-changes.ts";
import { answerOf } from "./task-model.ts";
import { featuresOf } from "./task-rows.ts";
import type { TaskMutant, TaskScene } from "./task-scene.ts";

const byFeature =
  (feature: number, ...by: readonly number[]) =>
  (scene: TaskScene) =>
    use(
      scene,
      weights(scene.model, (weight, f, output) => (f === feature ? weight + (by[output] ?? 0) : weight)),
    );
/** A model whose predictions nearly equal the truth. @param seen the features as transformed by its graph */
const learned = (
  scene: TaskScene,
  model: TaskScene["model"],
  seen: (features: number[]) => number[] = (features) => features,
) => {
  const before = scene.evaluation;
  scene.evaluation = withTruth(before, (_, row) =>
    answerOf("regression", model, seen(featuresOf(before, row))).map((value) => value + (row % 2 === 0 ? 0.1 : -0.1)),
  );
  use(scene, model);
};
/** Larger deviations in one group. */
const noisyGroup = (where: Parameters<typeof isIn>[2], by: readonly number[]) => (scene: TaskScene) => {
  const before = scene.evaluation;
  scene.evaluation = withTruth(before, (truth, row) =>
    isIn(before, row, where)
      ? truth.map((value, target) => value + (row % 2 === 0 ? 1 : -1) * (by[target] ?? 0))
      : truth,
  );
};

/** Regressors that are inaccurate for some rows. */
export const OF_GROUPS: readonly TaskMutant[] = [
  { name: "too high for one group", check: "slices.plan.meanErrorDifference", mutate: byFeature(7, 0, 3) },
  {
    name: "too high for one group, in one target",
    check: "slices.plan.targets.area.meanErrorDifference",
    mutate: byFeature(5, 0, 1),
  },
  {
    name: "two targets' biases that cancel in a group",
    check: "slices.plan.targets.area.meanErrorDifference",
    mutate: (s) => {
      const before = s.evaluation;
      s.evaluation = withTruth(before, ([price = 0, area = 0], row) =>
        isIn(before, row, { plan: "plus" }) ? [price + 1, area - 1] : [price, area],
      );
    },
  },
  {
    name: "further off for one group",
    check: "slices.plan.rmseDifference",
    mutate: noisyGroup({ plan: "basic" }, [10, 5]),
  },
  {
    name: "further off for one group, in one target",
    check: "slices.plan.targets.area.rmseDifference",
    mutate: noisyGroup({ plan: "basic" }, [0, 2]),
  },
  {
    name: "too low only where two groups meet",
    check: "slices.both.meanErrorDifference",
    mutate: (s) => {
      const before = s.evaluation;
      s.evaluation = withTruth(before, (truth, row) =>
        isIn(before, row, { region: "south", member: false }) ? truth.map((value) => value + 2) : truth,
      );
    },
  },
  {
    name: "a group too small to judge",
    check: "slices.plan.rmseDifference",
    outcome: "inconclusive",
    mutate: (s) => {
      s.evaluation = withColumn(s.evaluation, "plan", (cell, row) => (cell === "pro" && row > 60 ? "plus" : cell));
      s.policy.slices = { plan: { column: "plan", rmseDifference: { max: 100 } } };
    },
  },
  {
    name: "a target that is misspelt, where inconclusive passes",
    check: "slices.plan.targets.prize.rmseDifference",
    mutate: (s) => {
      s.policy.inconclusive = "pass";
      s.policy.slices = { plan: { column: "plan", targets: { prize: { rmseDifference: { max: 9 } } } } };
    },
  },
  {
    name: "a check of another task, where inconclusive passes",
    check: "slices.plan.equalizedOdds",
    mutate: (s) => {
      s.policy.inconclusive = "pass";
      s.policy.slices = { plan: { column: "plan", equalizedOdds: { max: 1 } } };
    },
  },
];

/** Regressors that are inaccurate for slightly changed rows. */
export const DISTURBED: readonly TaskMutant[] = [
  {
    name: "brittle: a wave of the features",
    check: "robustness.noise.rmseRise",
    mutate: (s) => {
      learned(s, s.model, (features) => features.map((value) => value + Math.sin(WAVES * value)));
      s.graph = brittle;
    },
  },
  {
    name: "hangs on a category, which is unknown",
    check: "robustness.unseen.rmseRise",
    mutate: (s) => learned(s, byPlan(s)),
  },
  {
    name: "hangs on a category, which is another",
    check: "robustness.swapped.rmseRise",
    mutate: (s) => learned(s, byPlan(s)),
  },
  {
    name: "hangs on a value that may be missing",
    check: "robustness.nulls.rmseRise",
    mutate: (s) =>
      learned(
        s,
        weights(s.model, (weight, f) => (f === 8 ? weight * 20 : weight)),
      ),
  },
];
