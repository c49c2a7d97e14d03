import { ContractCheck } from "../../../data/contract/contract-check.ts";
import type { DataContract } from "../../../data/contract/data-contract.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { CheckResult } from "../check.ts";
import { type ContractPolicy, judgeFindings, type SnapshotFindings, withoutContract } from "../checks/contract.ts";
import { type EvaluationData, isHeld } from "../evaluation-data.ts";
import type { Facts } from "../facts.ts";

/** The contract of a stack, and what it found in the snapshots beside the evaluation's. */
export interface ContractExhibit {
  readonly contract: DataContract;
  readonly others: readonly SnapshotFindings[];
}

/** Looks at the evaluation's rows while models answer them. */
export class ContractJudge {
  readonly #check: ContractCheck;
  readonly #exhibit: ContractExhibit;

  constructor(exhibit: ContractExhibit, { format }: Pick<EvaluationData, "format">) {
    this.#exhibit = exhibit;
    this.#check = new ContractCheck(exhibit.contract, format?.csv?.decimal);
  }

  /** The same rows, which are looked at when they are read. */
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

  /** What all rows break, once they are read. */
  judge(path: string, terms: ContractPolicy = {}): { results: readonly CheckResult[]; facts: Pick<Facts, "contract"> } {
    const { others } = this.#exhibit;
    const isAsked = terms.snapshots === undefined || terms.snapshots.includes("evaluation");
    const own = isAsked ? [{ name: "evaluation" as const, path, ...this.#check.findings() }] : [];
    const snapshots = [...own, ...others];
    return { results: snapshots.map((found) => judgeFindings(found, terms)), facts: { contract: snapshots } };
  }
}

/** What a policy that names the contract gets from a stack that has none. */
export const judgeWithoutContract = (terms: ContractPolicy | undefined): readonly CheckResult[] =>
  terms ? [withoutContract(terms)] : [];

/** Holds a snapshot that is in memory against the contract. */
export function findingsIn({ path, table, format }: Snapshot, contract: DataContract, name: SnapshotFindings["name"]) {
  const check = new ContractCheck(contract, format?.csv?.decimal);
  check.take(table);
  return { name, path, ...check.findings() };
}
