import { ContractCheck } from "../../../data/contract/contract-check.ts";
import type { DataContract } from "../../../data/contract/data-contract.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { CheckResult } from "../check.ts";
import type { CheckDetails } from "../check-details.ts";
import { type ContractPolicy, judgeFindings, type SnapshotFindings, withoutContract } from "../checks/contract.ts";
import { type EvaluationData, isHeld } from "../evaluation-data.ts";

/** A stack's contract, and its violations in snapshots other than the evaluation. */
export interface ContractInput {
  readonly contract: DataContract;
  readonly others: readonly SnapshotFindings[];
}

/** Validates the evaluation's rows against the contract while models run on them. */
export class ContractJudge {
  readonly #check: ContractCheck;
  readonly #input: ContractInput;

  constructor(input: ContractInput, { format }: Pick<EvaluationData, "format">) {
    this.#input = input;
    this.#check = new ContractCheck(input.contract, format?.csv?.decimal);
  }

  /** Returns the same data, validated as it is read. */
  watch(data: EvaluationData): EvaluationData {
    if (isHeld(data)) {
      this.#check.take(data.table);
      return data;
    }
    return {
      ...data,
      read: (take) => {
        this.#check.reset();
        return data.read((part) => {
          this.#check.take(part.table);
          return take(part);
        });
      },
    };
  }

  /** Judges the violations, once all rows are read. */
  judge(
    path: string,
    terms: ContractPolicy = {},
  ): { results: readonly CheckResult[]; facts: Pick<CheckDetails, "contract"> } {
    const { others } = this.#input;
    const isIncluded = terms.snapshots === undefined || terms.snapshots.includes("evaluation");
    const own = isIncluded ? [{ name: "evaluation" as const, path, ...this.#check.findings() }] : [];
    const snapshots = [...own, ...others];
    return { results: snapshots.map((found) => judgeFindings(found, terms)), facts: { contract: snapshots } };
  }
}

/** Returns the results of the policy's contract check if the stack has no contract. */
export const judgeWithoutContract = (terms: ContractPolicy | undefined): readonly CheckResult[] =>
  terms ? [withoutContract(terms)] : [];

/** Validates a snapshot in memory against the contract. */
export function findingsIn({ path, table, format }: Snapshot, contract: DataContract, name: SnapshotFindings["name"]) {
  const check = new ContractCheck(contract, format?.csv?.decimal);
  check.take(table);
  return { name, path, ...check.findings() };
}
