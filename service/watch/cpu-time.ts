import { readFileSync } from "node:fs";

/** How often the container's CPU limit has stopped it since it started. */
export interface CpuPeriods {
  /** In which it had work. */
  readonly periods: number;
  /** In which it used up what the limit allows. */
  readonly throttledPeriods: number;
  /** That its threads then waited. */
  readonly throttledSeconds: number;
}

/** Reads a cgroup's cpu.stat, of either version: https://docs.kernel.org/scheduler/sched-bwc.html. Undefined for a group that cannot have a limit. */
export function parseCpuStat(text: string): CpuPeriods | undefined {
  const counts = new Map([...text.matchAll(/^(\w+) (\d+)$/gm)].map(([, key = "", digits]) => [key, Number(digits)]));
  const numberOf = (key: string): number | undefined => counts.get(key);
  const [periods, throttledPeriods] = [numberOf("nr_periods"), numberOf("nr_throttled")];
  if (periods === undefined || throttledPeriods === undefined) return undefined;
  const microseconds = numberOf("throttled_usec") ?? (numberOf("throttled_time") ?? 0) / 1e3;
  return { periods, throttledPeriods, throttledSeconds: microseconds / 1e6 };
}

/** Seconds that a thread ran, and that it waited for a CPU: https://docs.kernel.org/scheduler/sched-stats.html. Undefined where the kernel does not count. */
export function parseSchedStat(text: string): { readonly ran: number; readonly waited: number } | undefined {
  const [, ran, waited] = /^(\d+) (\d+) \d+$/m.exec(text) ?? [];
  return ran === undefined || waited === undefined
    ? undefined
    : { ran: Number(ran) / 1e9, waited: Number(waited) / 1e9 };
}

const MOUNT = "/sys/fs/cgroup";

/**
 * Where a process' own cpu.stat may be, best first.
 * @param groups /proc/self/cgroup. In a container its paths are those of the node, of which nothing is mounted, or `/`.
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

/** Of this process' container; undefined on machines without a CPU controller. Reading takes microseconds: no disk is asked. */
export function readCpuPeriods(): CpuPeriods | undefined {
  files ??= cpuStatFiles(read("/proc/self/cgroup"));
  for (const file of files) {
    const periods = parseCpuStat(read(file));
    if (periods) return periods;
  }
  return undefined;
}

/** Of this process' event loop, which is its main thread. */
export const readEventLoop = () => parseSchedStat(read("/proc/self/schedstat"));
