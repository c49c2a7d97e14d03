import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { type EnvironmentName, readDeploymentEvidence } from "../evidence.ts";
import type { ModelVersion } from "../model-versions.ts";
import { imageTag } from "../proved-image.ts";
import { type Envelope, IN_TOTO, openEnvelope, signEnvelope } from "./envelope.ts";
import { STATEMENT_TYPE } from "./statement.ts";
import { subjectName } from "./subject-name.ts";

export const DEPLOYMENT_PREDICATE = "https://github.com/model-promotion/deployment-verdict/v1";

const schema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.object({ name: z.string(), digest: z.object({ sha256: z.string() }) })]),
  predicateType: z.literal(DEPLOYMENT_PREDICATE),
  predicate: z.object({
    environment: z.string(),
    verdict: z.string(),
    /** The image that was proved, by digest; "none" where it ran in none. */
    image: z.string(),
    /** ISO 8601, UTC. */
    verifiedAt: z.string(),
  }),
});

/** What an environment says about a version that it has run and probed: which files, in which image. */
export interface DeploymentClaim {
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files: see combineDigests. */
  readonly modelSha256: string;
  readonly predicate: z.infer<typeof schema>["predicate"];
}

/** Tag with the artifact URI of the envelope that an environment's last check signed; empty when it signed none. */
export const deploymentAttestationTag = (environment: EnvironmentName) => `${environment}.attestation`;

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

/** Whether a version's tags claim that an environment has proved it, or in which image: either has to be signed. */
export function claimsDeployment(version: ModelVersion, environment: EnvironmentName): boolean {
  const image = version.tags[imageTag(environment)];
  return readDeploymentEvidence(version, environment) !== undefined || (image !== undefined && image !== "none");
}

/**
 * Why an environment's proof of a version counts for nothing, each reason by name; empty when it is signed with the key.
 * @param envelope DSSE, as JSON; undefined when there is none
 */
export function distrustDeployment(
  version: ModelVersion,
  environment: EnvironmentName,
  modelSha256: string,
  envelope: string | undefined,
  key: KeyObject,
): string[] {
  if (envelope === undefined) return [`signature: ${environment}'s proof is not signed`];
  let statement: z.infer<typeof schema>;
  try {
    statement = schema.parse(JSON.parse(openEnvelope(envelope, IN_TOTO, key)));
  } catch (error) {
    return [`signature: ${environment}'s attestation is refused: ${(error as Error).message}`];
  }
  const [subject] = statement.subject;
  const { predicate } = statement;
  const differs = (name: string, signedFor: string, is: string | undefined) =>
    signedFor === is ? [] : [`${environment}'s ${name}: signed was ${signedFor}, it is ${is ?? "not there"}`];
  return [
    ...differs("model version", subject.name, subjectName(version.name, version.version)),
    ...differs("artifact", subject.digest.sha256, modelSha256),
    ...differs("environment", predicate.environment, environment),
    ...differs("verdict", predicate.verdict, version.tags[`${environment}.verdict`]),
    ...differs("image", predicate.image, version.tags[imageTag(environment)]),
  ];
}
