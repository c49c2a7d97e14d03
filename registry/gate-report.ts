import { z } from "zod";
import { championText, NO_CHAMPION, NOT_COMPARED } from "./champion.ts";
import type { GateEvidence } from "./evidence.ts";

const FORMATS = ["gate-report/1", "gate-report/2"] as const;

const answerSchema = z.union([
  z.object({ values: z.array(z.number()) }),
  z.object({
    label: z.union([z.number(), z.string(), z.boolean()]),
    positive: z.number().nullable(),
    scores: z.array(z.number()).optional(),
  }),
]);

/** The part of the gate's report that the deployment check reads. */
const judgedSchema = z.object({
  format: z.enum(FORMATS),
  samples: z.array(z.object({ features: z.array(z.json()) }).and(answerSchema)),
  // A metric that is not finite is null in JSON.
  metrics: z.record(z.string(), z.number().nullable()).default({}),
});

/** Rows in the format of /predict, each with the prediction of the gate's predictor. */
export type GateReportSamples = readonly {
  readonly features: readonly z.core.util.JSONType[];
  readonly answer: z.infer<typeof answerSchema>;
}[];

/** The gate's findings about a model: predictions that a deployment must reproduce, and metrics by name. */
export interface JudgedModel {
  readonly samples: GateReportSamples;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Parses the predictions and metrics of a gate's report.
 * @throws Error if it is not a gate's report
 */
export function parseJudgedModel(report: unknown): JudgedModel {
  const { samples, metrics } = judgedSchema.parse(report);
  const numbers = Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null);
  return {
    samples: samples.map(({ features, ...answer }) => ({ features, answer })),
    metrics: Object.fromEntries(numbers),
  };
}

/** The part of the gate's report that the guard reads. Fields that earlier releases did not write are optional. */
const claimSchema = z.object({
  format: z.enum(FORMATS),
  verdict: z.string(),
  model: z.object({ name: z.string(), version: z.string(), sha256: z.string() }),
  evaluation: z.object({ md5: z.string() }),
  policySha256: z.string(),
  policy: z.object({ champion: z.unknown().optional() }),
  facts: z.object({ champion: z.object({ version: z.string(), sha256: z.string() }).optional() }).optional(),
  champion: z.string().optional(),
  runtime: z.string().optional(),
  checks: z
    .array(z.object({ group: z.string().optional(), outcome: z.string(), required: z.boolean().optional() }))
    .default([]),
});

/** The fields of a gate's report that the evidence repeats. */
export type GateReportClaim = Pick<GateEvidence, "policySha256" | "evaluationMd5" | "modelSha256" | "runtime"> & {
  readonly verdict: string;
  readonly modelName: string;
  readonly version: string;
  /** Derived from policy and facts if an earlier release did not write it. */
  readonly champion: string;
  /** Whether a required check failed that is independent of the champion. */
  readonly failsByItself: boolean;
};

/**
 * Parses a gate's report for the guard.
 * @throws Error if it is not a gate's report
 */
export function parseGateReport(json: Uint8Array): GateReportClaim {
  const report = claimSchema.parse(JSON.parse(new TextDecoder().decode(json)));
  const { model, policy, facts, runtime } = report;
  return {
    verdict: report.verdict,
    modelName: model.name,
    version: model.version,
    modelSha256: model.sha256,
    policySha256: report.policySha256,
    evaluationMd5: report.evaluation.md5,
    champion: report.champion ?? championOf(policy, facts?.champion),
    failsByItself: report.checks.some(
      ({ group, outcome, required }) => required === true && outcome === "fail" && group !== "champion",
    ),
    ...(runtime !== undefined && { runtime }),
  };
}

function championOf(
  { champion }: z.infer<typeof claimSchema>["policy"],
  compared: { readonly version: string; readonly sha256: string } | undefined,
): string {
  if (compared) return championText(compared.version, compared.sha256);
  return champion === undefined ? NOT_COMPARED : NO_CHAMPION;
}

/** The part of a deployment check's report that the guard reads. */
const deploymentSchema = z.object({
  format: z.literal("deployment-report/1"),
  environment: z.string(),
  name: z.string(),
  version: z.string(),
  modelSha256: z.string(),
  verdict: z.string(),
  image: z.string().optional(),
});

export type DeploymentReportClaim = z.infer<typeof deploymentSchema>;

/**
 * Parses a deployment check's report.
 * @throws Error if it is not one
 */
export const parseDeploymentReport = (json: Uint8Array): DeploymentReportClaim =>
  deploymentSchema.parse(JSON.parse(new TextDecoder().decode(json)));

/** A model's main metrics under any policy: a classifier's accuracy, a regressor's errors. Named as on the MLflow run. */
const HEADLINES = ["accuracy", "root_mean_squared_error", "r2"];
/** Main metrics of a model that ranks rows without labelling them. */
const RANKINGS = ["roc_auc", "pr_auc"];

/** Selects the main metrics. Defined here for updates without a gate, which should not load the metrics' code. */
export function headlineMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const names = HEADLINES.some((name) => name in metrics) ? HEADLINES : RANKINGS;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => names.includes(name)));
}
