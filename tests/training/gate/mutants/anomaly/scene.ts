import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkModel } from "../../../../../training/gate/check-model.ts";
import type { Policy } from "../../../../../training/gate/policy.ts";
import type { CheckRun } from "../../../../../training/gate/run-checks.ts";
import { type Random, seededRandom } from "../../../../../training/gate/statistics/random.ts";
import { parsePredictions } from "../../../../../training/gate/stored-predictions.ts";
import { toSnapshot } from "../../../../helpers/number-rows.ts";
import type { Model } from "../graphs.ts";
import type { Mutant } from "../suite.ts";
import { COLUMNS, type Detector, scoreOf, writeDetector } from "./detector.ts";

/** Sensor readings of a machine; 1 is an anomaly. */
export interface SensorRows {
  readonly features: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** All inputs of the gate, as plain values that a mutant may replace. */
export interface AnomalyScene {
  model: Detector;
  graph?: (model: Model) => void;
  /** The model's metadata.prediction. */
  prediction?: object;
  evaluation: SensorRows;
  training: SensorRows;
  reference: SensorRows;
  champion: Detector | undefined;
  /** The trainer's stored predictions, as CSV. */
  stored: string;
  policy: Policy;
}
export type AnomalyMutant = Mutant<AnomalyScene>;

const usual = (random: Random) => [
  70 + 5 * random.normal(),
  2.5 + 0.3 * random.normal(),
  Math.max(0, 0.5 + 0.1 * random.normal()),
];
/** Too hot or too cold, with vibrations. */
const strange = (random: Random) => [
  70 + (random.uniform() < 0.5 ? -1 : 1) * (8 + 12 * random.uniform()),
  2.5 + 1.2 * random.normal(),
  0.5 + 0.5 * random.uniform(),
];

export function sensorRows(count: number, anomalies: number, seed: number): SensorRows {
  const random = seededRandom(seed);
  const labels = Array.from({ length: count }, (_, row) => (row % Math.round(count / anomalies) === 0 ? 1 : 0));
  const features = labels.map((label) => (label === 1 ? strange : usual)(random).map((value) => Math.fround(value)));
  return { features, labels };
}

const DATA = {
  evaluation: sensorRows(600, 60, 1),
  training: sensorRows(900, 90, 2),
  reference: sensorRows(900, 90, 3),
};
const HONEST: Detector = { mean: [70, 2.5, 0.5], scale: [5, 0.3, 0.1], threshold: 11 };

const POLICY: Policy = {
  task: "anomaly",
  anomalyScores: "low",
  performance: {
    rocAuc: { min: 0.9, confidence: 0.95 },
    prAuc: { min: 0.85 },
    ks: { min: 0.8 },
    precisionAtK: { k: 40, min: 0.95 },
    precisionAtRecall: { recall: 0.8, min: 0.8 },
    recallAtPrecision: { precision: 0.8, min: 0.8 },
    recall: { min: 0.8 },
    precision: { min: 0.75 },
    specificity: { min: 0.95 },
  },
  champion: { first: "fail", rocAuc: { margin: 0.03 } },
  baseline: { rocAuc: { margin: 0.2 }, prAuc: { margin: 0.2 } },
  slices: {
    hot: {
      column: "temperature",
      cuts: [70],
      minSize: 10,
      accuracy: { min: 0.9 },
      truePositiveRateDifference: { max: 0.2 },
    },
  },
  robustness: { noise: { deviations: 0.05, flips: { max: 0.02 } } },
  latency: { single: { p95: { max: 5 } } },
  schema: { signature: {}, operators: {} },
  parity: { flips: { max: 0 }, difference: { max: 1e-4, relative: 1e-5 } },
  data: {
    rows: { min: 300 },
    leakage: { max: 0 },
    nearDuplicates: { max: 0, level: "required" },
    labelLeakage: { max: 0.98, level: "required" },
    drift: { psi: { max: 0.25 }, ks: { alpha: 0.01 }, classifier: {} },
  },
};

/** The trainer's stored predictions. */
export const storedOf = (model: Detector, { features }: SensorRows): string => {
  const scores = features.map((row) => scoreOf(model, row));
  return `label,score\n${scores.map((score) => `${score < 0 ? -1 : 1},${score}\n`).join("")}`;
};

/** A model that is served as trained, so parity does not apply. */
export function use(scene: AnomalyScene, model: Partial<Detector>): void {
  scene.model = { ...scene.model, ...model };
  scene.stored = storedOf(scene.model, scene.evaluation);
}

/** An honest scene, whose gate passes. */
export const anomalyScene = (): AnomalyScene => ({
  ...DATA,
  model: HONEST,
  champion: { ...HONEST, scale: [6, 0.5, 0.2] },
  policy: structuredClone(POLICY),
  stored: storedOf(HONEST, DATA.evaluation),
});

const snapshotOf = ({ features, labels }: SensorRows) =>
  toSnapshot({
    path: "evaluation.csv",
    md5: "m",
    rows: labels.length,
    columns: [...COLUMNS],
    features: Float64Array.from(features.flat()),
    labels: Int32Array.from(labels),
  } as never);

/** Runs the gate's checks on a scene. */
export async function examineDetector(scene: AnomalyScene): Promise<CheckRun> {
  const root = await mkdtemp(join(tmpdir(), "anomaly-scene-"));
  try {
    const folder = await writeDetector(join(root, "model"), scene.model, scene);
    const champion = scene.champion && {
      version: "1",
      sha256: "c",
      folder: await writeDetector(join(root, "champion"), scene.champion),
    };
    return await checkModel({ folder, policy: scene.policy }, async () => ({
      snapshot: snapshotOf(scene.evaluation),
      training: snapshotOf(scene.training),
      reference: snapshotOf(scene.reference),
      champion,
      storedPredictions: parsePredictions(scene.stored, "predictions.csv"),
    }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
