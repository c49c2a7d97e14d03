import { z } from "zod";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
export const PREDICATE_TYPE = "https://github.com/model-promotion/gate-verdict/v1";

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
    /** SHA-256 of the data contract's canonical JSON, where the stack has one; policySha256 covers it. */
    contractSha256: hex(64).optional(),
    /** MD5 of the evaluation snapshot: what DVC knows it by. */
    evaluationMd5: hex(32),
    /** Of the report's JSON file, byte by byte. */
    reportSha256: hex(64),
    /** What the model was compared with (championText), and what ran it (runtimeName). Earlier releases did not sign them. */
    champion: z.string().optional(),
    runtime: z.string().optional(),
    /** The code that judged; `-dirty` after it when it was changed, "unknown" outside of a repository. */
    gitCommit: z.string(),
  }),
});

/** What the gate says about a model version's files, as an in-toto statement. */
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

/** Throws an Error that says what is not as it must be. */
export function parseStatement(json: string): GateStatement {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw new Error(`the signed payload is not a gate statement: ${(cause as Error).message}`, { cause });
  }
}

/** What a statement's subject is called. */
export const subjectName = (modelName: string, version: string): string => `models:/${modelName}/${version}`;
