import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { sha256 } from "../artifact-digest.ts";
import type { DeploymentEvidence, EnvironmentName } from "../evidence.ts";
import { type Envelope, IN_TOTO, openEnvelope, signEnvelope } from "./envelope.ts";
import { STATEMENT_TYPE, subjectName } from "./statement.ts";

const DEPLOYMENT_PREDICATE = "https://github.com/model-promotion/deployment-verdict/v1";

const schema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.object({ name: z.string(), digest: z.object({ sha256: z.string() }) })]),
  predicateType: z.literal(DEPLOYMENT_PREDICATE),
  predicate: z.object({
    environment: z.string(),
    verdict: z.string(),
    /** The verified image, by digest; "none" if the version ran without one. */
    image: z.string(),
    /** ISO 8601, UTC. */
    verifiedAt: z.string(),
    /** Digest of the report's bytes. Earlier releases did not sign it. */
    reportSha256: z.string().optional(),
  }),
});

/** An environment's claim about a version that it has run and probed: which files, in which image. */
export interface DeploymentClaim {
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files: see combineDigests. */
  readonly modelSha256: string;
  readonly predicate: z.infer<typeof schema>["predicate"];
}

/** Signs a deployment claim as an in-toto statement. */
export function attestDeployment(
  { modelName, version, modelSha256, predicate }: DeploymentClaim,
  key: KeyObject,
): Envelope {
  const statement: z.infer<typeof schema> = {
    _type: STATEMENT_TYPE,
    subject: [{ name: subjectName(modelName, version), digest: { sha256: modelSha256 } }],
    predicateType: DEPLOYMENT_PREDICATE,
    predicate,
  };
  return signEnvelope(IN_TOTO, JSON.stringify(statement), key);
}

/** The deployment evidence that a signed statement is compared with. */
export interface SignedDeployment {
  readonly modelName: string;
  readonly version: string;
  readonly environment: EnvironmentName;
  /** Current digest of the files. */
  readonly modelSha256: string;
  readonly evidence: Pick<DeploymentEvidence, "verdict" | "image">;
  /** The report's current bytes; undefined if it cannot be read. */
  readonly report?: Uint8Array;
  /** The DSSE envelope as JSON; undefined if there is none. */
  readonly envelope: string | undefined;
}

/** Returns the reasons, each by name, why an environment's evidence for a version cannot be trusted; empty when the key's signature covers it. */
export function distrustDeployment(signed: SignedDeployment, key: KeyObject): string[] {
  const { environment, envelope, evidence, report } = signed;
  if (envelope === undefined) return [`signature: ${environment}'s evidence is not signed`];
  let statement: z.infer<typeof schema>;
  try {
    statement = schema.parse(JSON.parse(openEnvelope(envelope, IN_TOTO, key)));
  } catch (error) {
    return [`signature: ${environment}'s attestation is rejected: ${(error as Error).message}`];
  }
  const [subject] = statement.subject;
  const { predicate } = statement;
  const differs = (name: string, signed: string | undefined, current: string | undefined) =>
    signed === current
      ? []
      : [`${environment}'s ${name}: ${signed ?? "none"} was signed, but it is ${current ?? "missing"}`];
  return [
    ...(predicate.verdict === "passed" ? [] : [`${environment}'s verdict: ${predicate.verdict} was signed`]),
    ...differs("model version", subject.name, subjectName(signed.modelName, signed.version)),
    ...differs("artifact", subject.digest.sha256, signed.modelSha256),
    ...differs("environment", predicate.environment, environment),
    ...differs("verdict", predicate.verdict, evidence.verdict),
    ...differs("image", predicate.image, evidence.image),
    ...(predicate.reportSha256 !== undefined && report
      ? differs("report", predicate.reportSha256, sha256(report))
      : []),
  ];
}
