import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { contractSchema } from "../../data/contract/data-contract.ts";
import { describeIssue } from "../../data/issue-messages.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { RequestContract } from "./contract.ts";
import { log } from "./log.ts";

/**
 * Reads the data contract for requests: JSON, or the path of a YAML or JSON file. This module is loaded only if one is configured.
 * @throws Error with the fault, because a service that rejects rows must not start without its contract
 */
export async function readContract(
  given: string,
  signature: Signature,
  mode: "count" | "refuse",
): Promise<RequestContract> {
  const isText = /^\s*\{/.test(given);
  const what = isText ? "DATA_CONTRACT" : `DATA_CONTRACT ${given}`;
  const text = isText
    ? given
    : await readFile(given, "utf8").catch((cause) => {
        throw new Error(`${what} cannot be read: ${cause.message}`, { cause });
      });
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (cause) {
    throw new Error(`${what} is neither YAML nor JSON: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
  const parsed = contractSchema.safeParse(raw);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) =>
      describeIssue(issue.path.join(".") || "the contract", issue, raw),
    );
    throw new Error(`${what}: ${problems.join("; ")}`);
  }
  const contract = new RequestContract(parsed.data, signature, mode === "refuse");
  if (contract.columns.length === 0) {
    const names = columnNames(signature)?.join(", ") ?? "columns without names";
    const message = `${what} has no column of the model, which takes ${names}`;
    // Fatal if the contract should reject requests, because it never would.
    if (mode === "refuse") throw new Error(message);
    log("warn", "requests are not validated against the data contract", { error: message });
  }
  return contract;
}
