import type { DataContract } from "../../data/contract/data-contract.ts";
import type { Verdict } from "../../registry/evidence.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import type { StoredBins } from "../../registry/reference-bins.ts";
import type { BinaryClasses } from "../binary-labels.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckResult } from "./check.ts";
import type { CheckDetails } from "./check-details.ts";
import type { ComparedChampion } from "./compared-champion.ts";
import type { Digests } from "./custom/scripts.ts";
import type { Evaluation } from "./evaluation.ts";
import { type BinaryRows, judgedAs, type Task } from "./metrics/answered-rows.ts";
import { type PlotData, plotData } from "./plot-data.ts";
import { contractSha256, type Policy, policySha256 } from "./policy.ts";
import type { Decision } from "./verdict.ts";
import type { WorstRows } from "./worst-rows.ts";

/** The gate's report, as stored with the version's run. */
export interface GateReport extends PlotData {
  readonly format: "gate-report/2";
  readonly verdict: Verdict;
  readonly summary: string;
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly runId: string;
    /** Digest of the files currently in the registry. */
    readonly sha256: string;
    /** Digest of the files as registered, or as evaluated before; if it differs from sha256, the gate fails. */
    readonly trustedSha256: string;
  };
  readonly evaluation: {
    readonly path: string;
    readonly md5: string;
    readonly rows: number;
    /** The data's names of two classes, if they are not 0 and 1. */
    readonly classes?: BinaryClasses;
  };
  readonly policy: Policy;
  /** Digest of everything that determines the verdict: the policy, the data contract, and the scripts of custom metrics. */
  readonly policySha256: string;
  /** SHA-256 of the project's files that compute custom metrics, by path. Absent without custom metrics. */
  readonly scripts?: Digests;
  /** The data contract of the snapshots, which production's service also uses. Absent if the stack has none. */
  readonly contract?: { readonly sha256: string; readonly terms: DataContract };
  /** Version that the candidate was compared with: see championText. */
  readonly champion: string;
  /** The runtime that ran the model: see runtimeName. */
  readonly runtime: string;
  readonly checks: readonly CheckResult[];
  /** Undefined if the model could not run. */
  readonly metrics?: Evaluation["metrics"];
  /** The model's task; absent in earlier releases, which only had binary. */
  readonly task?: Task;
  /** Plot data of the version in production, if the candidate was compared with one. */
  readonly championDrawn?: PlotData & { readonly version: string };
  /** Absent in reports of earlier releases. */
  readonly worst?: WorstRows;
  readonly facts: CheckDetails;
  readonly samples: Evaluation["samples"];
  /** Bins of the reference snapshot, stored next to the report; null if there are none. Set when the report is recorded. */
  readonly referenceBins?: StoredBins | null;
  /** ISO 8601, UTC. */
  readonly judgedAt: string;
}

export interface ReportInput {
  readonly version: Pick<ModelVersion, "name" | "version" | "runId">;
  readonly digest: string;
  readonly trustedDigest: string;
  readonly snapshot: Pick<Snapshot, "path" | "md5" | "rows">;
  readonly policy: Policy;
  readonly contract?: DataContract | undefined;
  readonly scripts?: Digests | undefined;
  readonly champion: string;
  readonly runtime: string;
  readonly checks: readonly CheckResult[];
  readonly decision: Decision;
  readonly evaluation?: Evaluation;
  /** The version in production, if the policy compares with it. */
  readonly compared?: ComparedChampion | undefined;
  readonly worst?: WorstRows | undefined;
  readonly facts: CheckDetails;
  readonly judgedAt: Date;
}

export function buildReport(input: ReportInput): GateReport {
  const { version, digest, trustedDigest, snapshot, policy, checks, decision, evaluation, facts, judgedAt } = input;
  const { champion, runtime, contract, scripts, worst } = input;
  return {
    format: "gate-report/2",
    verdict: decision.verdict,
    summary: decision.summary,
    model: {
      name: version.name,
      version: version.version,
      runId: version.runId,
      sha256: digest,
      trustedSha256: trustedDigest,
    },
    evaluation: {
      path: snapshot.path,
      md5: snapshot.md5,
      rows: snapshot.rows,
      ...(evaluation?.task === "binary" && namesOf(evaluation)),
    },
    policy,
    policySha256: policySha256(policy, { contract, scripts }),
    ...(scripts && { scripts }),
    ...(contract && { contract: { sha256: contractSha256(contract), terms: contract } }),
    champion,
    runtime,
    checks,
    ...(evaluation && { task: judgedAs(evaluation), metrics: evaluation.metrics, ...plotsOf(evaluation, input) }),
    ...(worst && { worst }),
    facts,
    samples: evaluation?.samples ?? [],
    judgedAt: judgedAt.toISOString(),
  };
}

/** The data's names of two classes; empty if they are 0 and 1. */
function namesOf({ classes: [negative, positive] }: BinaryRows) {
  return negative === 0 && positive === 1 ? {} : { classes: { negative, positive } };
}

function plotsOf(evaluation: Evaluation, { policy: { performance }, compared }: ReportInput) {
  const own = plotData(evaluation, { performance });
  const theirs = compared?.evaluation;
  if (!compared || !theirs || typeof theirs === "string") return own;
  return {
    ...own,
    championDrawn: { version: compared.version, ...plotData(theirs, { performance, like: own }) },
  };
}

type Printed = Pick<GateReport, "verdict" | "summary" | "checks"> & {
  readonly facts?: Pick<GateReport["facts"], "constant">;
  readonly model: Pick<GateReport["model"], "name" | "version">;
  readonly evaluation: Pick<GateReport["evaluation"], "path" | "rows">;
};

/** Formats the result for a terminal: one line per check, plus the verdict's reason if no check states it. @param policy its source */
export function verdictLines({ model, verdict, summary, checks, evaluation, facts }: Printed, policy: string): string {
  const lines = checks.map(
    ({ outcome, required, detail }) => `  ${outcome.padEnd(12)} ${detail}${required ? "" : " (advisory)"}`,
  );
  if (!checks.some(({ required }) => required)) lines.push(`  ${verdict.padEnd(12)} ${summary}`);
  if (facts?.constant) lines.push("  the model predicts the same for every row");
  const head = `${model.name} version ${model.version}: gate ${verdict} on ${evaluation.rows} rows of ${evaluation.path}, with the policy in ${policy}`;
  return [head, ...lines, "  nothing was written"].join("\n");
}
