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
  /** Whether an override covers it. None covers files that were changed or never judged. */
  readonly overridable: boolean;
}

/** The guard's inputs. */
export interface PromotionCase {
  readonly version: ModelVersion;
  /** Digest of its files as they are in the registry now. */
  readonly actualSha256: string;
  readonly proof: PromotionProof;
  /** What production serves now, as championText names it; undefined when it serves this version. */
  readonly serves: { readonly champion: string } | { readonly unclear: string } | undefined;
}

const soft = (reason: string): Refusal => ({ reason, overridable: true });
const firm = (reason: string): Refusal => ({ reason, overridable: false });

/**
 * Why a version may not go to production; empty when it may.
 *
 * It may when the quality gate has passed exactly these files against what production serves now, staging has verified the same files, their reports
 * agree, and it has not been withdrawn. A rollback is verified by the evidence of its promotion.
 */
export function findRefusals({ version, actualSha256, proof, serves }: PromotionCase): Refusal[] {
  const withdrawn = withdrawalOf(version);
  const notReady = whyNotReady(version);
  return [
    ...(withdrawn === undefined
      ? []
      : [firm(`it was withdrawn: ${withdrawn}. Go back to the last good version: npm run rollback -- --stack <name>`)]),
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
      soft("its quality gate was started and did not finish: run `pulumi up -s <staging's stack>` again"),
      ...changed,
    ];
  if (verdict !== "passed") return [soft(`its quality gate ${verdict}: ${summary}`), ...changed];
  return [...changed, ...judgeReport("the gate", gate, (bytes) => gateDifferences(version, gate.evidence, bytes))];
}

function judgeStaging(version: ModelVersion, actualSha256: string, { staging, former }: PromotionProof): Refusal[] {
  // Earlier releases did not record it with the promotion, which staging's proof had let pass.
  if (former && former.stagingReport === undefined) return [];
  if (!staging) return [soft("staging has not verified it: serve it in staging first")];
  const { verdict, summary, modelSha256 } = staging.evidence;
  const changed = modelSha256 === actualSha256 ? [] : [firm(otherFiles("staging verified", staging, actualSha256))];
  if (verdict === "pending")
    return [
      soft("staging's check of it was started and did not finish: run `pulumi up -s <staging's stack>` again"),
      ...changed,
    ];
  if (verdict !== "passed") return [soft(`staging could not verify it: ${summary}`), ...changed];
  return [
    ...changed,
    ...judgeReport("staging", staging, (bytes) => deploymentDifferences(version, staging.evidence, bytes)),
  ];
}

const otherFiles = (who: string, { evidence }: Proof<{ readonly modelSha256: string }>, is: string) =>
  `its files are not the ones that ${who}: sha256 was ${evidence.modelSha256}, the registry now has ${is}`;

/** A pass counts only with its recorded report, which must agree with the tags. */
function judgeReport(
  who: "the gate" | "staging",
  { evidence, report }: Proof<{ readonly report: string; readonly reportSha256?: string }>,
  differences: (bytes: Uint8Array) => string[],
): Refusal[] {
  const again = "run `pulumi up -s <staging's stack>` on it again";
  if ("missing" in report) return [soft(`${who}'s report cannot be read: ${report.missing}. To repair it, ${again}`)];
  const { reportSha256 } = evidence;
  const actual = sha256(report.bytes);
  if (reportSha256 !== undefined && reportSha256 !== actual)
    return [
      firm(
        `${who}'s report is not the one that was recorded: sha256 was ${reportSha256}, the registry now has ${actual}. To repair it, ${again}`,
      ),
    ];
  return differences(report.bytes).map((difference) =>
    firm(`its tags are not what ${who}'s report says: ${difference}. To repair them, ${again}`),
  );
}

const difference = (name: string, said: string | undefined, tag: string | undefined) =>
  said === tag ? [] : [`the report has ${name} ${said ?? "(none)"}, the version has ${tag ?? "(none)"}`];

function gateDifferences({ name, version }: ModelVersion, evidence: GateEvidence, bytes: Uint8Array): string[] {
  const said = read(() => parseGateReport(bytes));
  if (typeof said === "string") return [said];
  return [
    ...difference("the verdict", said.verdict, evidence.verdict),
    ...difference("the model", `${said.modelName} version ${said.version}`, `${name} version ${version}`),
    ...difference("files of sha256", said.modelSha256, evidence.modelSha256),
    ...difference("the policy", said.policySha256, evidence.policySha256),
    ...difference("evaluation data of md5", said.evaluationMd5, evidence.evaluationMd5),
    ...difference("the champion", said.champion, evidence.champion ?? said.champion),
    ...difference("the runtime", said.runtime, evidence.runtime ?? said.runtime),
  ];
}

function deploymentDifferences(
  { name, version }: ModelVersion,
  evidence: DeploymentEvidence,
  bytes: Uint8Array,
): string[] {
  const said = read(() => parseDeploymentReport(bytes));
  if (typeof said === "string") return [said];
  return [
    ...difference("the environment", said.environment, "staging"),
    ...difference("the verdict", said.verdict, evidence.verdict),
    ...difference("the model", `${said.name} version ${said.version}`, `${name} version ${version}`),
    ...difference("files of sha256", said.modelSha256, evidence.modelSha256),
    ...difference("the image", said.image ?? "none", evidence.image ?? said.image ?? "none"),
  ];
}

function read<Claim>(parse: () => Claim): Claim | string {
  try {
    return parse();
  } catch (error) {
    return `it is not a report: ${(error as Error).message.replace(/\s+/g, " ").slice(0, 200)}`;
  }
}

/** A pass against a former champion says nothing about the current one. */
function staleComparison(
  { version }: ModelVersion,
  { gate }: PromotionProof,
  serves: PromotionCase["serves"],
): Refusal[] {
  if (gate?.evidence.verdict !== "passed" || serves === undefined) return [];
  const compared = gate.evidence.champion ?? claimed(gate)?.champion;
  if (compared === undefined || compared === NOT_COMPARED) return [];
  const again =
    "Judge it again: pulumi up -s <staging's stack> (if staging has moved on to another version, first run: " +
    `pulumi config set --path training.version ${version} -s <staging's stack>)`;
  if ("unclear" in serves) return [soft(`the gate compared it with ${told(compared)}, but ${serves.unclear}`)];
  if (compared === serves.champion) return [];
  return [
    soft(`the gate compared it with ${told(compared)}, but production now serves ${told(serves.champion)}. ${again}`),
  ];
}

const told = (champion: string) => (champion === NO_CHAMPION ? "no version" : champion);

function claimed({ report }: Proof<GateEvidence>): GateReportClaim | undefined {
  if ("missing" in report) return undefined;
  const said = read(() => parseGateReport(report.bytes));
  return typeof said === "string" ? undefined : said;
}

/**
 * A rollback uses the evidence of the promotion: a later trial of another policy, or against another champion, does not count against it. A
 * failure under the same policy that has nothing to do with the champion does: the data has changed.
 */
function failedSince(version: ModelVersion, { former, failedSince: report }: PromotionProof): Refusal[] {
  const now = readGateEvidence(version);
  if (!former || !now || now.verdict === "passed" || now.verdict === "pending") return [];
  if (now.policySha256 !== former.policySha256) return [];
  const sameChampion = (former.champion ?? now.champion) === now.champion;
  if (!sameChampion && report && "bytes" in report) {
    const said = read(() => parseGateReport(report.bytes));
    if (typeof said !== "string" && !said.failsByItself) return [];
  }
  return [soft(`its quality gate ${now.verdict} since it was promoted: ${now.summary}`)];
}
