import type { DataContract } from "../../data/contract/data-contract.ts";
import type { Verdict } from "../../registry/evidence.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import type { StoredBins } from "../../registry/reference-bins.ts";
import type { BinaryClasses } from "../binary-labels.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckResult } from "./check.ts";
import type { ComparedChampion } from "./compared-champion.ts";
import type { Digests } from "./custom/scripts.ts";
import { type Drawn, drawnOf } from "./drawn.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Facts } from "./facts.ts";
import { type BinaryRows, judgedAs, type Task } from "./metrics/answered-rows.ts";
import { contractSha256, type Policy, policySha256 } from "./policy.ts";
import type { Decision } from "./verdict.ts";
import type { WorstRows } from "./worst-rows.ts";

/** The gate's report, as it is written to the version's run. */
export interface GateReport extends Drawn {
  readonly format: "gate-report/2";
  readonly verdict: Verdict;
  readonly summary: string;
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly runId: string;
    /** Digest of the files as they are in the registry. */
    readonly sha256: string;
    /** Digest of the files as they were registered, or judged before; another one than sha256 fails the gate. */
    readonly trustedSha256: string;
  };
  readonly evaluation: {
    readonly path: string;
    readonly md5: string;
    readonly rows: number;
    /** How the data name two classes, where they are not 0 and 1. */
    readonly classes?: BinaryClasses;
  };
  readonly policy: Policy;
  /** Of the policy, of the data contract and of the scripts of custom metrics where there are some: what the verdict follows from. */
  readonly policySha256: string;
  /** SHA-256 of the project's files that compute custom metrics, by their path. Absent without custom metrics. */
  readonly scripts?: Digests;
  /** The data contract that snapshots were held against; production's service counts by it. Absent where the stack has none. */
  readonly contract?: { readonly sha256: string; readonly terms: DataContract };
  /** What it was compared with: see championText. */
  readonly champion: string;
  /** What ran the model: see runtimeName. */
  readonly runtime: string;
  readonly checks: readonly CheckResult[];
  /** Undefined when the model could not be run. */
  readonly metrics?: Evaluation["metrics"];
  /** What the model was judged as; without it, as of earlier releases, binary. */
  readonly task?: Task;
  /** The same of the version in production, where the candidate was compared with one. */
  readonly championDrawn?: Drawn & { readonly version: string };
  /** Absent in reports of earlier releases. */
  readonly worst?: WorstRows;
  readonly facts: Facts;
  readonly samples: Evaluation["samples"];
  /** Bins of the reference snapshot, stored beside the report; null where there are none. Added when the report is recorded. */
  readonly referenceBins?: StoredBins | null;
  /** ISO 8601, UTC. */
  readonly judgedAt: string;
}

export interface Judged {
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
  /** The version in production, where the policy compares with it. */
  readonly compared?: ComparedChampion | undefined;
  readonly worst?: WorstRows | undefined;
  readonly facts: Facts;
  readonly judgedAt: Date;
}

export function buildReport(judged: Judged): GateReport {
  const { version, digest, trustedDigest, snapshot, policy, checks, decision, evaluation, facts, judgedAt } = judged;
  const { champion, runtime, contract, scripts, worst } = judged;
  return {
    format: "gate-report/2",
    verdict: decision.verdict,
    summary: decision.summary,
    model: {
      ...{ name: version.name, version: version.version, runId: version.runId },
      ...{ sha256: digest, trustedSha256: trustedDigest },
    },
    evaluation: {
      ...{ path: snapshot.path, md5: snapshot.md5, rows: snapshot.rows },
      ...(evaluation?.task === "binary" && namesOf(evaluation)),
    },
    policy,
    policySha256: policySha256(policy, { contract, scripts }),
    ...(scripts && { scripts }),
    ...(contract && { contract: { sha256: contractSha256(contract), terms: contract } }),
    champion,
    runtime,
    checks,
    ...(evaluation && { task: judgedAs(evaluation), metrics: evaluation.metrics, ...allDrawn(evaluation, judged) }),
    ...(worst && { worst }),
    facts,
    samples: evaluation?.samples ?? [],
    judgedAt: judgedAt.toISOString(),
  };
}

/** How the data name two classes; nothing where they are 0 and 1. */
function namesOf({ classes: [negative, positive] }: BinaryRows) {
  return negative === 0 && positive === 1 ? {} : { classes: { negative, positive } };
}

function allDrawn(evaluation: Evaluation, { policy: { performance }, compared }: Judged) {
  const drawn = drawnOf(evaluation, { performance });
  const theirs = compared?.evaluation;
  if (!compared || !theirs || typeof theirs === "string") return drawn;
  return {
    ...drawn,
    championDrawn: { version: compared.version, ...drawnOf(theirs, { performance, like: drawn }) },
  };
}
