import { addConstant, type Model, nodes, writing } from "../graphs.ts";
import { onnx } from "../scene.ts";
import { withGraph } from "../suite.ts";
import { DATA_MUTANTS, withFeature } from "./data-mutants.ts";
import { type AnomalyMutant, type SensorRows, use } from "./scene.ts";

const firstRows = ({ features, labels }: SensorRows, rows: number): SensorRows => ({
  features: features.slice(0, rows),
  labels: labels.slice(0, rows),
});
/** Inserts a row-wise node before an output. */
const through =
  (output: string, opType: string, ...more: string[]) =>
  (model: Model) => {
    const last = writing(model, output);
    last.output = [`plain ${output}`];
    nodes(model).push({ opType, input: [`plain ${output}`, ...more], output: [output] });
  };
/** The same for the scores only; the labels stay those of the original scores. */
const behindLabels =
  (opType: string, ...more: string[]) =>
  (model: Model) => {
    through("scores", opType, ...more)(model);
    writing(model, "isAnomaly").input = ["plain scores", "zero"];
  };
const vendorOperator = (model: Model) => {
  model.opsetImport.push({ domain: "com.microsoft", version: 1 });
  through("scores", "QuickGelu")(model);
  writing(model, "scores").domain = "com.microsoft";
};
const labelledAs = (name: string, value: number) => (model: Model) => {
  const found = model.graph?.initializer?.find((one) => one.name === name);
  if (found) found.int64Data = [value];
};
/** Scores each row relative to the other rows of its batch. */
const byTheBatch = (model: Model) => {
  nodes(model).unshift({
    opType: "ReduceMean",
    input: ["features"],
    output: ["mean of the batch"],
    attribute: [
      { name: "axes", type: onnx.AttributeProto.AttributeType.INTS, ints: [0] },
      { name: "keepdims", type: onnx.AttributeProto.AttributeType.INT, i: 1 },
    ],
  });
  writing(model, "centred").input = ["features", "mean of the batch"];
};
const hot = (row: readonly number[]) => (row[0] as number) > 70;

const SCORES: readonly AnomalyMutant[] = [
  {
    name: "a feature that tells most is ignored",
    check: "performance.rocAuc",
    mutate: (s) => use(s, { scale: [1e6, 0.3, 1e6] }),
  },
  { name: "fitted to another machine", check: "performance.prAuc", mutate: (s) => use(s, { mean: [85, 2.5, 0.5] }) },
  { name: "units mixed up", check: "performance.ks", mutate: (s) => use(s, { scale: [500, 0.3, 10] }) },
  {
    name: "the highest alarms are false",
    check: "performance.precisionAtK",
    mutate: (s) => {
      s.evaluation = withFeature(s.evaluation, 2, (value, row) =>
        s.evaluation.labels[row] === 0 && row % 25 === 3 ? 4 : value,
      );
    },
  },
  {
    name: "many usual rows look strange",
    check: "performance.precisionAtRecall",
    mutate: (s) => {
      s.evaluation = withFeature(s.evaluation, 0, (value, row) =>
        s.evaluation.labels[row] === 0 && row % 4 === 1 ? value + 20 : value,
      );
    },
  },
  {
    name: "half of the anomalies look usual",
    check: "performance.recallAtPrecision",
    mutate: (s) => {
      const usual = s.evaluation.features.filter((_, row) => s.evaluation.labels[row] === 0);
      const features = s.evaluation.features.map((row, place) =>
        s.evaluation.labels[place] === 1 && place % 20 === 0 ? (usual[place] ?? row) : row,
      );
      s.evaluation = { ...s.evaluation, features };
    },
  },
  { name: "threshold too high", check: "performance.recall", mutate: (s) => use(s, { threshold: 60 }) },
  { name: "threshold too low", check: "performance.specificity", mutate: (s) => use(s, { threshold: 4 }) },
  { name: "every row is an anomaly", check: "performance.precision", mutate: (s) => use(s, { threshold: 0 }) },
  {
    name: "too few anomalies for an interval",
    check: "performance.rocAuc",
    outcome: "inconclusive",
    mutate: (s) => {
      s.evaluation = firstRows(s.evaluation, 20);
    },
  },
  {
    name: "a sensor read the wrong way round",
    check: "baseline.rocAuc",
    mutate: (s) => use(s, { mean: [70, 2.5, 10], scale: [1e6, 1e6, 0.1] }),
  },
  {
    name: "one score for every row",
    check: "performance.prAuc",
    mutate: (s) => {
      s.graph = (model) => {
        addConstant(model, "nothing", [1], [0]);
        behindLabels("Mul", "nothing")(model);
      };
    },
  },
  {
    name: "champion far better",
    check: "champion.rocAuc",
    mutate: (s) => {
      s.champion = s.model;
      use(s, { scale: [1e6, 0.3, 1e6] });
    },
  },
  {
    name: "anomalies of hot machines go unseen",
    check: "slices.hot.truePositiveRateDifference",
    mutate: (s) => {
      const features = s.evaluation.features.map((row, place) =>
        s.evaluation.labels[place] === 1 && hot(row) ? [71, 2.5, 0.5] : row,
      );
      s.evaluation = { ...s.evaluation, features };
    },
  },
  {
    name: "hot machines get false alarms",
    check: "slices.hot.accuracy",
    mutate: (s) => use(s, { mean: [60, 2.5, 0.5] }),
  },
  {
    name: "one score and one label for every row",
    check: "baseline.constant",
    // The distance vanishes in float32.
    mutate: (s) => use(s, { threshold: -1e30 }),
  },
  {
    name: "no better than chance",
    check: "baseline.prAuc",
    mutate: (s) => {
      s.evaluation = { ...s.evaluation, labels: s.evaluation.labels.map((_, row) => (row % 10 === 7 ? 1 : 0)) };
    },
  },
  {
    name: "labels change at the slightest noise",
    check: "robustness.noise.flips",
    mutate: (s) => use(s, { threshold: 2.4 }),
  },
];

const ANSWERS: readonly AnomalyMutant[] = [
  {
    name: "anomalies at the other end than the policy says",
    check: "schema.answers",
    mutate: (s) => {
      s.policy.anomalyScores = "high";
    },
  },
  { name: "scores turned round, labels right", check: "schema.answers", mutate: withGraph(behindLabels("Neg")) },
  {
    name: "neither policy nor metadata says which end it is",
    check: "schema.task",
    mutate: (s) => {
      const { anomalyScores: _, ...policy } = s.policy;
      s.policy = policy;
    },
  },
  {
    name: "metadata and policy disagree",
    check: "schema.task",
    mutate: (s) => {
      s.prediction = { task: "anomaly", anomalyScores: "high" };
    },
  },
  {
    name: "a classifier's metadata",
    check: "schema.task",
    mutate: (s) => {
      s.prediction = { task: "regression" };
    },
  },
  {
    name: "labels 0 and 2",
    check: "schema.answers",
    mutate: (s) => {
      s.graph = (model) => {
        labelledAs("anomaly", 2)(model);
        labelledAs("normal", 0)(model);
      };
    },
  },
  {
    name: "every row labelled normal, without the name of the other label",
    check: "schema.answers",
    mutate: withGraph(labelledAs("anomaly", 1)),
  },
  { name: "operator of a vendor", check: "schema.operators", mutate: withGraph(vendorOperator) },
  {
    name: "labels stored the other way round",
    check: "parity.flips",
    mutate: (s) => {
      s.stored = s.stored.replaceAll(/^(-?)1,/gm, (_, sign) => `${sign ? "" : "-"}1,`);
    },
  },
  {
    name: "NaN for usual rows",
    check: "schema.finite",
    mutate: (s) => {
      s.graph = (model) => {
        through("scores", "Neg")(model);
        writing(model, "plain scores").output = ["turned"];
        nodes(model).push({ opType: "Log", input: ["turned"], output: ["plain scores"] });
      };
    },
  },
  { name: "scores depend on the other rows", check: "integrity.rowByRow", mutate: withGraph(byTheBatch) },
  {
    name: "served with another threshold than trained",
    check: "parity.flips",
    mutate: (s) => {
      s.model = { ...s.model, threshold: 14 };
    },
  },
  {
    name: "scores served with another scale than trained",
    check: "parity.difference",
    mutate: (s) => {
      s.model = { ...s.model, scale: [5.05, 0.3, 0.1] };
    },
  },
  {
    name: "scores stored with the other sign",
    check: "parity.difference",
    mutate: (s) => {
      s.stored = s.stored.replaceAll(/,(-?)(\d)/g, (_, sign, digit) => `,${sign ? "" : "-"}${digit}`);
    },
  },
  {
    name: "no score stored",
    check: "parity.difference",
    outcome: "inconclusive",
    mutate: (s) => {
      s.stored = s.stored.replaceAll(/,.*$/gm, "");
    },
  },
];

export const ANOMALY_MUTANTS: readonly AnomalyMutant[] = [...SCORES, ...ANSWERS, ...DATA_MUTANTS];
