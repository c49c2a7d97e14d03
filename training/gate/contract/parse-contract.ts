import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { contractSchema, type DataContract } from "../../../data/contract/data-contract.ts";
import { describeIssue, withoutEchoes } from "../../../data/issue-messages.ts";
import { type DataFormat, labelsOf } from "../../../data/reader/data-format.ts";
import { unknownKeyIn } from "../nearest-key.ts";

/** The service receives the contract in an environment variable, which Linux limits to 128 KiB. */
const MAX_BYTES = 120_000;

/**
 * Validates a contract.
 * @param where name in errors: a file, or the key of the stack's config
 * @throws Error that names every wrong key with its column and, for an unknown key, the nearest known one
 */
export function parseContract(raw: unknown, where: string): DataContract {
  const parsed = contractSchema.safeParse(raw);
  if (!parsed.success) {
    const problems = withoutEchoes(parsed.error.issues).flatMap((issue) => {
      if (issue.code !== "unrecognized_keys") return describeIssue(issue.path.join(".") || "the contract", issue, raw);
      return issue.keys.map((key) => {
        const { problem, nearest } = unknownKeyIn(contractSchema, issue.path, key);
        return nearest === undefined ? problem : `${problem}. ${nearest}`;
      });
    });
    throw new Error(problems.map((problem) => `${where}: ${problem}`).join("\n"));
  }
  const bytes = Buffer.byteLength(JSON.stringify(parsed.data));
  if (bytes > MAX_BYTES)
    throw new Error(
      `${where}: the contract has ${bytes} bytes as JSON, but the limit is ${MAX_BYTES}. List fewer categories or columns`,
    );
  return parsed.data;
}

/** Reads a contract from a YAML or JSON file. @throws Error that names the file and, for invalid YAML, the line */
export async function readContract(path: string): Promise<DataContract> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new Error(`data.contract ${path} cannot be read: ${cause.message}`, { cause });
  });
  // Rejects repeated keys, because otherwise the second of two columns would silently win.
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first) throw new Error(`${path} is not YAML: ${first.message.split("\n")[0]}`, { cause: first });
  return parseContract(document.toJS(), path);
}

/**
 * Loads a contract that a stack's config or a command specifies, as a file's path or as the contract itself.
 * @param format of the snapshots. The contract cannot contain columns that the format drops
 */
export async function loadContract(given: unknown, format: DataFormat = {}): Promise<DataContract> {
  const [contract, where] =
    typeof given === "string"
      ? [await readContract(given), given]
      : [parseContract(given, "data.contract"), "data.contract"];
  const reserved = new Map([
    ...(format.ignore ?? []).map((name) => [name, "data.ignore drops this column"] as const),
    ...(format.id === undefined
      ? []
      : [[format.id, "data.id names this column, which identifies rows in the report"] as const]),
    ...(format.weights === undefined ? [] : [[format.weights, "data.weights names this column"] as const]),
    ...labelsOf(format).map((name) => [name, "this is the label, whose values data.classes lists"] as const),
  ]);
  const problems = Object.keys(contract.columns).flatMap((name) => {
    const why = reserved.get(name);
    if (why === undefined) return [];
    const remedy = `Remove it from the contract${name === format.id ? ", or unset data.id" : ""}`;
    return `${where}: columns.${name} cannot be checked: ${why}. ${remedy}`;
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return contract;
}
