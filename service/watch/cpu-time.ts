import { readFileSync } from "node:fs";

/** CPU throttling of the container since its start. */
export interface CpuPeriods {
  /** Scheduler periods in which the container was runnable. */
  readonly periods: number;
  /** Periods in which it hit the limit. */
  readonly throttledPeriods: number;
  /** Total time that its threads were throttled. */
  readonly throttledSeconds: number;
}

/** Parses a cgroup's cpu.stat, v1 or v2; undefined for a group that cannot have a limit. See https://docs.kernel.org/scheduler/sched-bwc.html. */
export function parseCpuStat(text: string): CpuPeriods | undefined {
  const counts = new Map([...text.matchAll(/^(\w+) (\d+)$/gm)].map(([, key = "", digits]) => [key, Number(digits)]));
  const numberOf = (key: string): number | undefined => counts.get(key);
  const [periods, throttledPeriods] = [numberOf("nr_periods"), numberOf("nr_throttled")];
  if (periods === undefined || throttledPeriods === undefined) return undefined;
  const microseconds = numberOf("throttled_usec") ?? (numberOf("throttled_time") ?? 0) / 1e3;
  return { periods, throttledPeriods, throttledSeconds: microseconds / 1e6 };
}

/**
 * Parses the seconds that a thread ran and waited for a CPU; undefined if the kernel does not record them. See
 * https://docs.kernel.org/scheduler/sched-stats.html.
 */
export function parseSchedStat(text: string): { readonly ran: number; readonly waited: number } | undefined {
  const [, ran, waited] = /^(\d+) (\d+) \d+$/m.exec(text) ?? [];
  return ran === undefined || waited === undefined
    ? undefined
    : { ran: Number(ran) / 1e9, waited: Number(waited) / 1e9 };
}

const MOUNT = "/sys/fs/cgroup";

/**
 * Returns candidate paths of the process's cpu.stat, best first.
 * @param groups content of /proc/self/cgroup. In a container, its paths are `/` or those of the node, which are not mounted
 */
export function cpuStatFiles(groups: string): string[] {
  const own = groups.split("\n").flatMap((line) => {
    const [, controllers, path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const isUnified = controllers === "";
    if (!isUnified && !controllers?.split(",").includes("cpu")) return [];
    return [{ mount: isUnified ? MOUNT : `${MOUNT}/cpu`, path: path === "/" ? "" : path }];
  });
  return [...own.map(({ mount, path }) => `${mount}${path}/cpu.stat`), ...own.map(({ mount }) => `${mount}/cpu.stat`)];
}

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

let files: readonly string[] | undefined;

/** Reads this container's counters; undefined on machines without a CPU controller. Takes microseconds, without disk access. */
export function readCpuPeriods(): CpuPeriods | undefined {
  files ??= cpuStatFiles(read("/proc/self/cgroup"));
  for (const file of files) {
    const periods = parseCpuStat(read(file));
    if (periods) return periods;
  }
  return undefined;
}

/** Reads the counters of the event loop, which runs on the process's main thread. */
export const readEventLoop = () => parseSchedStat(read("/proc/self/schedstat"));
