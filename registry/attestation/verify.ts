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
  /** The DSSE envelope as JSON; undefined when there is none. */
  readonly envelope: string | undefined;
  /** The gate's tags, which every registry writer can change. A service that has only the files has none. */
  readonly evidence?: Pick<GateEvidence, "verdict" | "policySha256" | "evaluationMd5" | "champion" | "runtime">;
  /** The report's file as it is now, likewise. */
  readonly report?: Uint8Array;
}

/**
 * Why a version's gate verdict cannot be trusted, each reason by name; empty when it can. The signature is checked first: what
 * an unsigned payload says is not even looked at.
 */
export function distrust(signed: SignedGate, key: KeyObject): string[] {
  const { modelName, version, evidence, report, envelope } = signed;
  if (envelope === undefined) return ["signature: the gate's verdict is not signed"];
  let statement: ReturnType<typeof parseStatement>;
  try {
    statement = parseStatement(openEnvelope(envelope, IN_TOTO, key));
  } catch (error) {
    return [`signature: the gate's attestation is refused: ${(error as Error).message}`];
  }
  const [subject] = statement.subject;
  const { predicate } = statement;
  const differs = (name: string, signedFor: string, is: string | undefined) =>
    is === undefined || signedFor === is ? [] : [`${name}: signed was ${signedFor}, it is ${is}`];
  return [
    ...(predicate.verdict === "passed" ? [] : [`verdict: the signed verdict is ${predicate.verdict}`]),
    ...differs("model version", subject.name, subjectName(modelName, version)),
    ...differs("artifact", subject.digest.sha256, signed.modelSha256),
    ...differs("verdict", predicate.verdict, evidence?.verdict),
    ...differs("policy", predicate.policySha256, evidence?.policySha256),
    ...differs("evaluation data", predicate.evaluationMd5, evidence?.evaluationMd5),
    ...differs("champion", predicate.champion ?? "(none)", evidence?.champion),
    ...differs("runtime", predicate.runtime ?? "(none)", evidence?.runtime),
    ...differs("report", predicate.reportSha256, report && sha256(report)),
  ];
}
