import { ContractCheck } from "../../../data/contract/contract-check.ts";
import type { DataContract } from "../../../data/contract/data-contract.ts";
import { type Snapshot, streamSnapshot } from "../../snapshot.ts";
import { SNAPSHOT_NAMES, type SnapshotFindings } from "../checks/contract.ts";
import { readAs } from "../evaluation-data.ts";
import type { GateTask } from "../judge.ts";
import type { CandidateModel } from "../run-checks.ts";
import { findingsIn } from "./judge-contract.ts";

/** The snapshots that other checks look at, and have in memory. */
type Held = Readonly<Partial<Record<SnapshotFindings["name"], Snapshot | undefined>>>;

/**
 * Holds training and reference against the contract, where the policy asks for them and the stack has them. What is not in memory is read a part at a time.
 * @throws Error where a snapshot cannot be read
 */
export async function contractOfOthers(
  task: GateTask,
  contract: DataContract,
  model: CandidateModel,
  held: Held,
): Promise<readonly SnapshotFindings[]> {
  const { snapshots = SNAPSHOT_NAMES } = task.policy.data?.contract ?? {};
  const paths = { training: task.trainingData, reference: task.referenceData };
  const md5s = { training: task.trainingMd5, reference: task.referenceMd5 };
  const found: SnapshotFindings[] = [];
  for (const name of ["training", "reference"] as const) {
    const path = paths[name];
    if (path === undefined || !snapshots.includes(name)) continue;
    const table = held[name];
    if (table) {
      found.push(findingsIn(table, contract, name));
      continue;
    }
    const { dataFormat: format } = task;
    const check = new ContractCheck(contract, format?.csv?.decimal);
    const options = { md5: md5s[name], format, others: "any", ...readAs(model), label: { kind: "any" } } as const;
    await streamSnapshot(path, options, ({ table }) => check.take(table)).catch((cause: Error) => {
      const others = snapshots.filter((other) => other !== name).join(", ");
      throw new Error(
        `data.contract cannot be checked in data.${name}: ${cause.message}. To leave this snapshot out, set gate.data.contract.snapshots to [${others}]`,
        { cause },
      );
    });
    found.push({ name, path, ...check.findings() });
  }
  return found;
}
