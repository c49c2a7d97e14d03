import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Missing } from "./test-needing.ts";

const MOUNT = "/sys/fs/cgroup";
const PERIOD_US = 100_000;

/** A control group whose processes have a CPU limit, like a container's. */
export interface CpuLimited extends AsyncDisposable {
  /** Shell command that moves the shell into the group. */
  readonly enter: string;
}

/** Ten times the default weight, so that the group gets its share beside others, like a pod's request. */
const versions = [
  { folder: `${MOUNT}/cpu`, files: (us: number) => ({ "cpu.cfs_quota_us": String(us), "cpu.shares": "10240" }) },
  { folder: MOUNT, files: (us: number) => ({ "cpu.max": `${us} ${PERIOD_US}`, "cpu.weight": "1000" }) },
];

/** @throws Error if this user may not create groups, or the CPU controller is missing */
export function limitCpu(cpus: number): CpuLimited {
  const name = `model-promotion-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const failures: unknown[] = [];
  for (const { folder, files } of versions) {
    const group = `${folder}/${name}`;
    try {
      mkdirSync(group);
    } catch (error) {
      failures.push(error);
      continue;
    }
    try {
      for (const [file, text] of Object.entries(files(cpus * PERIOD_US))) writeFileSync(`${group}/${file}`, text);
      return { enter: `echo $$ > ${group}/cgroup.procs`, [Symbol.asyncDispose]: () => remove(group) };
    } catch (error) {
      rmdirSync(group);
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `no control group with a limit of ${cpus} CPUs: ${failures.join("; ")}`);
}

/** Retries, because the kernel keeps a group for a moment after its last process. */
async function remove(group: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(100);
    }
  }
}

/** What this machine lacks for a process with a CPU limit. */
export async function missingCpuLimit(): Promise<Missing | undefined> {
  try {
    await limitCpu(1)[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    return { what: String(error), remedy: "run as root where /sys/fs/cgroup can be written" };
  }
}
