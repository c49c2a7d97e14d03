import { type AnomalyMutant, type AnomalyScene, type SensorRows, sensorRows, storedOf } from "./scene.ts";

export const withFeature = (
  rows: SensorRows,
  feature: number,
  change: (value: number, row: number) => number,
): SensorRows => ({
  ...rows,
  features: rows.features.map((row, place) =>
    row.map((value, index) => (index === feature ? Math.fround(change(value, place)) : value)),
  ),
});
const leaked = ({ evaluation, training }: AnomalyScene, rows: number): SensorRows => ({
  ...evaluation,
  features: [...training.features.slice(0, rows), ...evaluation.features.slice(rows)],
});

export const DATA_MUTANTS: readonly AnomalyMutant[] = [
  {
    name: "one leaked row",
    check: "data.leakage",
    mutate: (s) => {
      s.evaluation = leaked(s, 1);
    },
  },
  {
    name: "a sensor was replaced",
    check: "data.drift.psi",
    mutate: (s) => {
      s.evaluation = withFeature(s.evaluation, 1, (value) => value + 0.4);
    },
  },
  {
    name: "too few rows",
    check: "data.rows",
    mutate: (s) => {
      s.evaluation = sensorRows(299, 30, 4);
      s.stored = storedOf(s.model, s.evaluation);
    },
  },
  {
    name: "first model where one is not allowed",
    check: "champion.first",
    mutate: (s) => {
      s.champion = undefined;
    },
  },
  {
    name: "leaked rows with other truths",
    check: "data.leakage",
    mutate: (s) => {
      const { features, labels } = leaked(s, 5);
      s.evaluation = { features, labels: labels.map((label, row) => (row < 5 ? 1 - label : label)) };
    },
  },
  {
    name: "rows of the training with a rounding error",
    check: "data.nearDuplicates",
    mutate: (s) => {
      s.evaluation = withFeature(leaked(s, 5), 0, (value, row) => (row < 5 ? value * (1 + 1e-6) : value));
    },
  },
  {
    name: "a sensor that is switched off by the alarm",
    check: "data.labelLeakage",
    mutate: (s) => {
      s.evaluation = withFeature(s.evaluation, 2, (value, row) => (s.evaluation.labels[row] === 1 ? 0 : value + 1));
    },
  },
  {
    name: "a sensor that shows one value",
    check: "data.drift.ks",
    mutate: (s) => {
      s.evaluation = withFeature(s.evaluation, 1, () => 2.5);
    },
  },
  {
    name: "two sensors that became one",
    check: "data.drift.classifier",
    mutate: (s) => {
      const { features } = s.evaluation;
      s.evaluation = withFeature(s.evaluation, 1, (_, row) => (features[row]?.[2] ?? 0) * 6 + 1);
    },
  },
];
