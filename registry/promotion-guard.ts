import { sha256 } from "./artifact-digest.ts";
import { NO_CHAMPION, NOT_COMPARED } from "./champion.ts";
import type { DeploymentEvidence, GateEvidence } from "./evidence.ts";
import { readGateEvidence } from "./evidence.ts";
import { type GateReportClaim, parseDeploymentReport, parseGateReport } from "./gate-report.ts";
import { type ModelVersion, whyNotReady } from "./model-versions.ts";
import type { PromotionProof, Proof } from "./promotion-proof.ts";
import { withdrawalOf } from "./withdrawal.ts";

/** A reason against a promotion. */
export interface Refusal {
  readonly reason: string;
  /** Whether an override covers it. Overrides never cover files that were changed or never judged. */
  readonly overridable: boolean;
}

/** The guard's inputs. */
export interface PromotionCase {
  readonly version: ModelVersion;
  /** Digest of its files in the registry now. */
  readonly actualSha256: string;
  readonly proof: PromotionProof;
  /** What production serves now, as championText formats it; undefined if it serves this version. */
  readonly serves: { readonly champion: string } | { readonly unclear: string } | undefined;
}

const overridable = (reason: string): Refusal => ({ reason, overridable: true });
const firm = (reason: string): Refusal => ({ reason, overridable: false });

/**
 * Returns the reasons why a version may not go to production; empty if it may.
 *
 * It may if the quality gate passed exactly these files against what production serves now, staging verified the same files, both reports
 * agree with the evidence, and the version was not withdrawn. A rollback is verified by the evidence of its promotion.
 */
export function findRefusals({ version, actualSha256, proof, serves }: PromotionCase): Refusal[] {
  const withdrawn = withdrawalOf(version);
  const notReady = whyNotReady(version);
  return [
    ...(withdrawn === undefined
      ? []
      : [
          firm(
            `it was withdrawn: ${withdrawn}. Roll back to the last good version: npm run rollback -- --stack <name>`,
          ),
        ]),
    ...(notReady === undefined ? [] : [firm(notReady)]),
    ...judgeGate(version, actualSha256, proof),
    ...(proof.former ? failedSince(version, proof) : staleComparison(version, proof, serves)),
    ...judgeStaging(version, actualSha256, proof),
  ];
}

function judgeGate(version: ModelVersion, actualSha256: string, { gate }: PromotionProof): Refusal[] {
  if (!gate) return [firm("the quality gate has not judged it: run `pulumi up -s <staging's stack>` on it first")];
  const { verdict, summary, modelSha256 } = gate.evidence;
  const changed = modelSha256 === actualSha256 ? [] : [firm(otherFiles("the quality gate judged", gate, actualSha256))];
  if (verdict === "pending")
    return [
      overridable("its quality gate started but did not finish: run `pulumi up -s <staging's stack>` again"),
      ...changed,
    ];
  if (verdict !== "passed") return [overridable(`its quality gate ${verdict}: ${summary}`), ...changed];
  return [...changed, ...judgeReport("the gate", gate, (bytes) => gateDifferences(version, gate.evidence, bytes))];
}

function judgeStaging(version: ModelVersion, actualSha256: string, { staging, former }: PromotionProof): Refusal[] {
  // Earlier releases required staging's evidence for a promotion but did not record it.
  if (former && former.stagingReport === undefined) return [];
  if (!staging) return [overridable("staging has not verified it: serve it in staging first")];
  const { verdict, summary, modelSha256 } = staging.evidence;
  const changed = modelSha256 === actualSha256 ? [] : [firm(otherFiles("staging verified", staging, actualSha256))];
  if (verdict === "pending")
    return [
      overridable(
        "its deployment check in staging started but did not finish: run `pulumi up -s <staging's stack>` again",
      ),
      ...changed,
    ];
  if (verdict !== "passed") return [overridable(`staging could not verify it: ${summary}`), ...changed];
  return [
    ...changed,
    ...judgeReport("staging", staging, (bytes) => deploymentDifferences(version, staging.evidence, bytes)),
  ];
}

const otherFiles = (who: string, { evidence }: Proof<{ readonly modelSha256: string }>, actualSha256: string) =>
  `its files are not the ones that ${who}: sha256 was ${evidence.modelSha256}, the registry now has ${actualSha256}`;

/** Finds what is wrong with the report of a pass. A pass counts only with its recorded report, which must agree with the tags. */
function judgeReport(
  who: "the gate" | "staging",
  { evidence, report }: Proof<{ readonly report: string; readonly reportSha256?: string }>,
  differences: (bytes: Uint8Array) => string[],
): Refusal[] {
  const again = "run `pulumi up -s <staging's stack>` on it again";
  if ("missing" in report)
    return [overridable(`${who}'s report cannot be read: ${report.missing}. To repair it, ${again}`)];
  const { reportSha256 } = evidence;
  const actual = sha256(report.bytes);
  if (reportSha256 !== undefined && reportSha256 !== actual)
    return [
      firm(
        `${who}'s report is not the one that was recorded: sha256 was ${reportSha256}, the registry now has ${actual}. To repair it, ${again}`,
      ),
    ];
  return differences(report.bytes).map((difference) =>
    firm(`its tags contradict ${who}'s report: ${difference}. To repair them, ${again}`),
  );
}

const difference = (name: string, reported: string | undefined, tag: string | undefined) =>
  reported === tag ? [] : [`the report has ${name} ${reported ?? "(none)"}, the version has ${tag ?? "(none)"}`];

function gateDifferences({ name, version }: ModelVersion, evidence: GateEvidence, bytes: Uint8Array): string[] {
  const claim = read(() => parseGateReport(bytes));
  if (typeof claim === "string") return [claim];
  return [
    ...difference("the verdict", claim.verdict, evidence.verdict),
    ...difference("the model", `${claim.modelName} version ${claim.version}`, `${name} version ${version}`),
    ...difference("files with sha256", claim.modelSha256, evidence.modelSha256),
    ...difference("the policy", claim.policySha256, evidence.policySha256),
    ...difference("evaluation data with md5", claim.evaluationMd5, evidence.evaluationMd5),
    ...difference("the champion", claim.champion, evidence.champion ?? claim.champion),
    ...difference("the runtime", claim.runtime, evidence.runtime ?? claim.runtime),
  ];
}

function deploymentDifferences(
  { name, version }: ModelVersion,
  evidence: DeploymentEvidence,
  bytes: Uint8Array,
): string[] {
  const claim = read(() => parseDeploymentReport(bytes));
  if (typeof claim === "string") return [claim];
  return [
    ...difference("the environment", claim.environment, "staging"),
    ...difference("the verdict", claim.verdict, evidence.verdict),
    ...difference("the model", `${claim.name} version ${claim.version}`, `${name} version ${version}`),
    ...difference("files with sha256", claim.modelSha256, evidence.modelSha256),
    ...difference("the image", claim.image ?? "none", evidence.image ?? claim.image ?? "none"),
  ];
}

/** Parses a report; returns the reason as text if it is not one. */
function read<Claim>(parse: () => Claim): Claim | string {
  try {
    return parse();
  } catch (error) {
    return `it is not a report: ${(error as Error).message.replace(/\s+/g, " ").slice(0, 200)}`;
  }
}

/** Finds an outdated comparison: a pass against a former champion says nothing about the current one. */
function staleComparison(
  { version }: ModelVersion,
  { gate }: PromotionProof,
  serves: PromotionCase["serves"],
): Refusal[] {
  if (gate?.evidence.verdict !== "passed" || serves === undefined) return [];
  const compared = gate.evidence.champion ?? reportClaim(gate)?.champion;
  if (compared === undefined || compared === NOT_COMPARED) return [];
  const again =
    "Judge it again: pulumi up -s <staging's stack> (if staging has moved to another version, first run: " +
    `pulumi config set --path training.version ${version} -s <staging's stack>)`;
  const comparison = `the gate compared it with ${describeChampion(compared)}`;
  if ("unclear" in serves) return [overridable(`${comparison}, but ${serves.unclear}`)];
  if (compared === serves.champion) return [];
  return [overridable(`${comparison}, but production now serves ${describeChampion(serves.champion)}. ${again}`)];
}

const describeChampion = (champion: string) => (champion === NO_CHAMPION ? "no version" : champion);

function reportClaim({ report }: Proof<GateEvidence>): GateReportClaim | undefined {
  if ("missing" in report) return undefined;
  const claim = read(() => parseGateReport(report.bytes));
  return typeof claim === "string" ? undefined : claim;
}

/**
 * Finds a failure after a rollback version's promotion. The evidence of the promotion counts: a later failure under another policy or
 * against another champion is ignored. A failure under the same policy that is independent of the champion counts, because it means that
 * the data has changed.
 */
function failedSince(version: ModelVersion, { former, failedSince: report }: PromotionProof): Refusal[] {
  const now = readGateEvidence(version);
  if (!former || !now || now.verdict === "passed" || now.verdict === "pending") return [];
  if (now.policySha256 !== former.policySha256) return [];
  const sameChampion = (former.champion ?? now.champion) === now.champion;
  if (!sameChampion && report && "bytes" in report) {
    const claim = read(() => parseGateReport(report.bytes));
    if (typeof claim !== "string" && !claim.failsByItself) return [];
  }
  return [overridable(`its quality gate ${now.verdict} since it was promoted: ${now.summary}`)];
}
