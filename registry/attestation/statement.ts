import { z } from "zod";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE = "https://github.com/model-promotion/gate-verdict/v1";

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));

const schema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.object({ name: z.string(), digest: z.object({ sha256: hex(64) }) })]),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.object({
    verdict: z.string(),
    /** ISO 8601, UTC. */
    judgedAt: z.string(),
    /** SHA-256 of the policy's canonical JSON. */
    policySha256: hex(64),
    /** SHA-256 of the data contract's canonical JSON, if the stack has one; policySha256 covers it. */
    contractSha256: hex(64).optional(),
    /** MD5 of the evaluation snapshot, by which DVC identifies it. */
    evaluationMd5: hex(32),
    /** SHA-256 of the bytes of the report's JSON file. */
    reportSha256: hex(64),
    /** What the model was compared with (championText), and what ran it (runtimeName). Earlier releases did not sign them. */
    champion: z.string().optional(),
    runtime: z.string().optional(),
    /** Commit of the gate's code, with the suffix `-dirty` if it was modified; "unknown" outside a repository. */
    gitCommit: z.string(),
  }),
});

/** The gate's verdict on a model version's files, as an in-toto statement. */
export type GateStatement = z.infer<typeof schema>;

export interface GateClaim {
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files: see combineDigests. */
  readonly modelSha256: string;
  readonly predicate: GateStatement["predicate"];
}

export const gateStatement = ({ modelName, version, modelSha256, predicate }: GateClaim): GateStatement => ({
  _type: STATEMENT_TYPE,
  subject: [{ name: subjectName(modelName, version), digest: { sha256: modelSha256 } }],
  predicateType: PREDICATE_TYPE,
  predicate,
});

/**
 * Parses a gate statement.
 * @throws Error that names every invalid field
 */
export function parseStatement(json: string): GateStatement {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw new Error(`the signed payload is not a gate statement: ${(cause as Error).message}`, { cause });
  }
}

/** Returns the name of a statement's subject. */
export const subjectName = (modelName: string, version: string): string => `models:/${modelName}/${version}`;
