import type { KeyObject } from "node:crypto";
import { sha256 } from "../artifact-digest.ts";
import type { GateEvidence } from "../evidence.ts";
import { IN_TOTO, openEnvelope } from "./envelope.ts";
import { parseStatement, subjectName } from "./statement.ts";

/** What a signed statement is compared with. */
export interface SignedGate {
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files as they are now. */
  readonly modelSha256: string;
  /** The gate's tags, which anybody who can write to the registry can write. */
  readonly evidence: Pick<GateEvidence, "verdict" | "policySha256" | "evaluationMd5">;
  /** The report's file, as it is now. */
  readonly report: Uint8Array;
  /** The DSSE envelope; undefined when there is none. */
  readonly envelope: string | undefined;
}

/**
 * Why a version's gate verdict cannot be trusted, each reason by name; empty when it can. The signature is checked first: what
 * an unsigned payload says is not even looked at.
 */
export function distrust(signed: SignedGate, key: KeyObject): string[] {
  const { modelName, version, evidence, report, envelope } = signed;
  if (envelope === undefined) return ["attestation: the gate's verdict is not signed"];
  let statement: ReturnType<typeof parseStatement>;
  try {
    statement = parseStatement(openEnvelope(envelope, IN_TOTO, key));
  } catch (error) {
    return [`signature: the gate's attestation is refused: ${(error as Error).message}`];
  }
  const [subject] = statement.subject;
  const { predicate } = statement;
  const differs = (name: string, said: string, is: string) =>
    said === is ? [] : [`${name}: the attestation was signed for ${said}, the registry now has ${is}`];
  return [
    ...differs("model version", subject.name, subjectName(modelName, version)),
    ...differs("artifact", `sha256 ${subject.digest.sha256}`, `sha256 ${signed.modelSha256}`),
    ...differs("verdict", predicate.verdict, evidence.verdict),
    ...(predicate.verdict === "passed" ? [] : [`verdict: the signed verdict is ${predicate.verdict}`]),
    ...differs("policy", `sha256 ${predicate.policySha256}`, `sha256 ${evidence.policySha256}`),
    ...differs("evaluation data", `md5 ${predicate.evaluationMd5}`, `md5 ${evidence.evaluationMd5}`),
    ...differs("report", `sha256 ${predicate.reportSha256}`, `sha256 ${sha256(report)}`),
  ];
}
