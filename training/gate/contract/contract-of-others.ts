import { ContractCheck } from "../../../data/contract/contract-check.ts";
import type { DataContract } from "../../../data/contract/data-contract.ts";
import { type Snapshot, streamSnapshot } from "../../snapshot.ts";
import { SNAPSHOT_NAMES, type SnapshotFindings } from "../checks/contract.ts";
import { readAs } from "../evaluation-data.ts";
import type { GateTask } from "../judge.ts";
import type { CandidateModel } from "../run-checks.ts";
import { findingsIn } from "./judge-contract.ts";

/** Snapshots that other checks have already loaded into memory. */
type LoadedSnapshots = Readonly<Partial<Record<SnapshotFindings["name"], Snapshot | undefined>>>;

/**
 * Validates training and reference against the contract, if the policy includes them and the stack has them. Streams snapshots that are not in memory.
 * @throws Error if a snapshot cannot be read
 */
export async function contractOfOthers(
  task: GateTask,
  contract: DataContract,
  model: CandidateModel,
  loaded: LoadedSnapshots,
): Promise<readonly SnapshotFindings[]> {
  const { snapshots = SNAPSHOT_NAMES } = task.policy.data?.contract ?? {};
  const paths = { training: task.trainingData, reference: task.referenceData };
  const md5s = { training: task.trainingMd5, reference: task.referenceMd5 };
  const found: SnapshotFindings[] = [];
  for (const name of ["training", "reference"] as const) {
    const path = paths[name];
    if (path === undefined || !snapshots.includes(name)) continue;
    const snapshot = loaded[name];
    if (snapshot) {
      found.push(findingsIn(snapshot, contract, name));
      continue;
    }
    const { dataFormat: format } = task;
    const check = new ContractCheck(contract, format?.csv?.decimal);
    const options = { md5: md5s[name], format, others: "any", ...readAs(model), label: { kind: "any" } } as const;
    await streamSnapshot(path, options, ({ table }) => check.take(table)).catch((cause: Error) => {
      const others = snapshots.filter((other) => other !== name).join(", ");
      throw new Error(
        `data.contract cannot be checked against data.${name}: ${cause.message}. To skip this snapshot, set gate.data.contract.snapshots to [${others}]`,
        { cause },
      );
    });
    found.push({ name, path, ...check.findings() });
  }
  return found;
}
