import { describe, expect, test } from "vitest";
import { cpuStatFiles, parseCpuStat, parseSchedStat } from "../../service/watch/cpu-time.ts";

describe("cpu.stat", () => {
  test("parses cgroup v2", () => {
    const text =
      "usage_usec 900\nuser_usec 500\nsystem_usec 400\nnr_periods 74\nnr_throttled 65\nthrottled_usec 5980123\nnr_bursts 0\n";
    expect(parseCpuStat(text)).toEqual({ periods: 74, throttledPeriods: 65, throttledSeconds: 5.980123 });
  });

  test("parses cgroup v1, in nanoseconds", () => {
    const text = "nr_periods 20\nnr_throttled 5\nthrottled_time 172000000\nnr_bursts 0\nburst_time 0\n";
    expect(parseCpuStat(text)).toEqual({ periods: 20, throttledPeriods: 5, throttledSeconds: 0.172 });
  });

  test("reports nothing without a CPU controller", () => {
    expect(parseCpuStat("usage_usec 900\nuser_usec 500\nsystem_usec 400\n")).toBeUndefined();
    expect(parseCpuStat("")).toBeUndefined();
  });
});

describe("path of cpu.stat", () => {
  test("is at the mount in a container with cgroup v2", () => {
    expect(cpuStatFiles("0::/\n")[0]).toBe("/sys/fs/cgroup/cpu.stat");
  });

  test("tries the process's path, then the mount, because a container may see the node's path", () => {
    expect(cpuStatFiles("0::/system.slice/x.service\n")).toEqual([
      "/sys/fs/cgroup/system.slice/x.service/cpu.stat",
      "/sys/fs/cgroup/cpu.stat",
    ]);
    const hybrid = "4:memory:/kubepods/pod1\n2:cpu,cpuacct:/kubepods/pod1\n1:cpuset:/kubepods/pod1\n0::/\n";
    expect(cpuStatFiles(hybrid)).toEqual([
      "/sys/fs/cgroup/cpu/kubepods/pod1/cpu.stat",
      "/sys/fs/cgroup/cpu.stat",
      "/sys/fs/cgroup/cpu/cpu.stat",
      "/sys/fs/cgroup/cpu.stat",
    ]);
  });

  test("is unknown without cgroups", () => {
    expect(cpuStatFiles("")).toEqual([]);
  });
});

test("parses a thread's run and wait times from schedstat", () => {
  expect(parseSchedStat("63000000 291500000 812\n")).toEqual({ ran: 0.063, waited: 0.2915 });
  expect(parseSchedStat("")).toBeUndefined();
});
