import type { KeyObject } from "node:crypto";
import { sha256 } from "../artifact-digest.ts";
import type { GateEvidence } from "../evidence.ts";
import { IN_TOTO, openEnvelope } from "./envelope.ts";
import { parseStatement, subjectName } from "./statement.ts";

/** The gate evidence that a signed statement is compared with. */
export interface SignedGate {
  readonly modelName: string;
  readonly version: string;
  /** Current digest of the files. */
  readonly modelSha256: string;
  /** The DSSE envelope as JSON; undefined if there is none. */
  readonly envelope: string | undefined;
  /** The gate's tags, which anyone with write access to the registry can change. Absent in a service that has only the files. */
  readonly evidence?: Pick<GateEvidence, "verdict" | "policySha256" | "evaluationMd5" | "champion" | "runtime">;
  /** The report's current bytes. Absent in a service that has only the files. */
  readonly report?: Uint8Array;
}

/**
 * Returns the reasons, each by name, why a version's gate verdict cannot be trusted; empty when it can. The signature is verified first:
 * an unsigned payload is not even parsed.
 */
export function distrust(signed: SignedGate, key: KeyObject): string[] {
  const { modelName, version, evidence, report, envelope } = signed;
  if (envelope === undefined) return ["signature: the gate's verdict is not signed"];
  let statement: ReturnType<typeof parseStatement>;
  try {
    statement = parseStatement(openEnvelope(envelope, IN_TOTO, key));
  } catch (error) {
    return [`signature: the gate's attestation is rejected: ${(error as Error).message}`];
  }
  const [subject] = statement.subject;
  const { predicate } = statement;
  const differs = (name: string, signed: string, current: string | undefined) =>
    current === undefined || signed === current ? [] : [`${name}: ${signed} was signed, but it is ${current}`];
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
