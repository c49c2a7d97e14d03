import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { columnNames, type Signature } from "../../../service/predictor/signature.ts";
import type { Snapshot } from "../../snapshot.ts";
import { atMost, compare, inconclusive, positive } from "../bounds.ts";
import { type CheckResult, isRequired, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";

export const schemaPolicy = z.strictObject({
  /** Requires the model's input to match the data and the version in production. */
  signature: z.strictObject({ level }).optional(),
  /** Maximum deviation from 1 of the sum of a row's probabilities. */
  probabilitySum: atMost(positive).optional(),
  /** Maximum total size of the model's files. */
  sizeMiB: atMost(positive).optional(),
  /** Allowed operator domains; default: ["ai.onnx", "ai.onnx.ml"]. */
  operators: z.strictObject({ domains: z.array(z.string()).min(1, "must name a domain").optional(), level }).optional(),
  /** Rejects tensors stored outside the ONNX file. */
  externalData: z.strictObject({ level }).optional(),
});
export type SchemaPolicy = z.infer<typeof schemaPolicy>;

const DOMAINS = ["ai.onnx", "ai.onnx.ml"];
const group = "schema";

const result = (
  check: string,
  terms: Parameters<typeof isRequired>[0],
  passed: boolean,
  detail: string,
): CheckResult => ({
  check: `schema.${check}`,
  group,
  outcome: passed ? "pass" : "fail",
  required: isRequired(terms),
  detail,
});

/**
 * Checks a model's files before a runtime opens them, because opening a model reads its external files.
 * @throws PredictorError if no MLmodel names an ONNX file
 */
export async function judgeFiles(folder: string, policy: SchemaPolicy): Promise<CheckResult[]> {
  const { sizeMiB, operators, externalData } = policy;
  const results: CheckResult[] = [];
  if (sizeMiB)
    results.push(
      compare({
        check: "schema.sizeMiB",
        group,
        relation: "<=",
        unit: " MiB",
        bound: sizeMiB.max,
        level: sizeMiB.level,
        label: "size of the model",
        value: (await folderSize(folder)) / 2 ** 20,
      }),
    );
  if (!operators && !externalData) return results;
  // The stack's program imports this module for the policy and must not load what only the checks need.
  const [{ readMlmodel }, { readOnnxSummary }] = await Promise.all([
    import("../../../service/predictor/mlmodel.ts"),
    import("../read-onnx-summary.ts"),
  ]);
  const { onnxFile } = await readMlmodel(folder);
  const facts = await readOnnxSummary(onnxFile);
  if (operators) {
    const domains = operators.domains ?? DOMAINS;
    const forbidden = [...facts.operators].filter(([domain]) => !domains.includes(domain));
    const names = forbidden.map(([domain, names]) => `${domain} (${[...names].join(", ")})`).join("; ");
    const detail =
      forbidden.length === 0
        ? `operator domains: ${[...facts.operators.keys()].join(", ")}`
        : `operator domains that are not allowed: ${names}`;
    results.push(result("operators", operators, forbidden.length === 0, detail));
  }
  if (externalData) {
    const [[name, file] = [], ...more] = facts.externalData;
    const detail =
      name === undefined
        ? "all tensors are stored in the ONNX file"
        : `tensor ${name} is stored in the external file ${JSON.stringify(file)}${more.length > 0 ? `, as are ${more.length} more tensors` : ""}`;
    results.push(result("externalData", externalData, name === undefined, detail));
  }
  return results;
}

async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

/** Checks a model's signature and probabilities. @param champion the version in production, if there is one */
export function judgeAnswers(
  signature: Signature,
  snapshot: Snapshot,
  evaluation: Evaluation,
  champion: SignedChampion | undefined,
  policy: SchemaPolicy,
): CheckResult[] {
  const results: CheckResult[] = [];
  if (policy.signature) results.push(judgeSignature(signature, snapshot, champion, policy.signature));
  if (policy.probabilitySum)
    results.push(
      evaluation.without === undefined && evaluation.task !== "regression"
        ? compare({
            check: "schema.probabilitySum",
            group,
            relation: "<=",
            level: policy.probabilitySum.level,
            label: "largest deviation from 1 of a row's probabilities' sum",
            value: evaluation.sumError,
            bound: policy.probabilitySum.max,
          })
        : result(
            "probabilitySum",
            policy.probabilitySum,
            false,
            evaluation.without ?? "the model returns no probabilities",
          ),
    );
  return results;
}

interface SignedChampion {
  readonly version: string;
  readonly signature: Signature | undefined;
  /** Why the version cannot be opened, if it has no signature. */
  readonly evaluation: unknown;
}

function judgeSignature(
  signature: Signature,
  snapshot: Snapshot,
  champion: SignedChampion | undefined,
  terms: NonNullable<SchemaPolicy["signature"]>,
): CheckResult {
  const ours = describe(signature);
  const theirs = champion?.signature && describe(champion.signature);
  const production = champion && `version ${champion.version} in production`;
  const problems = [
    // Named columns may have any order; modelTable() has rejected a snapshot that lacks one.
    ...(signature.isNamed || snapshot.table.fields.length === signature.inputs.length
      ? []
      : [`the data has ${snapshot.table.fields.length} features`]),
    ...(theirs !== undefined && theirs !== ours ? [`${production} has ${theirs}`] : []),
  ];
  const unreadable = champion && !champion.signature && `${production} ${champion.evaluation}`;
  if (unreadable && problems.length === 0)
    return inconclusive({ check: "schema.signature", group, ...terms }, `signature: ${unreadable}`);
  const compared = theirs === undefined ? "; no version is in production to compare it with" : ` and ${production}`;
  const detail =
    problems.length === 0
      ? `signature of ${ours} matches the data${compared}`
      : `signature has ${ours}, but ${problems.join("; ")}`;
  return result("signature", terms, problems.length === 0, detail);
}

/** Describes the number, names and types of the features. Omits float32, the most common type. */
function describe(signature: Signature): string {
  const { inputs } = signature;
  const names = columnNames(signature);
  const columns = inputs.map(({ name, type, shape }, index) =>
    [
      names ? name : `${index}`,
      ...(type === "float32" && !shape ? [] : [`(${type}${shape ? ` [${shape}]` : ""})`]),
    ].join(" "),
  );
  const isPlain = !names && inputs.every(({ type, shape }) => type === "float32" && !shape);
  return `${inputs.length} features${isPlain ? "" : ` (${columns.join(", ")})`}`;
}
