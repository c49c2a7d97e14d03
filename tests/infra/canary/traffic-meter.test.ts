import { expect, test } from "vitest";
import { parseExposition } from "../../../infra/targets/kubernetes/canary/exposition.ts";
import { NO_TRAFFIC, type Traffic, toTraffic } from "../../../infra/targets/kubernetes/canary/traffic.ts";
import { TrafficMeter } from "../../../infra/targets/kubernetes/canary/traffic-meter.ts";

const reading = (counts: Readonly<Record<string, number>>): Map<string, Traffic> =>
  new Map(Object.entries(counts).map(([pod, requests]) => [pod, { ...NO_TRAFFIC, requests }]));

test("counts requests since the watch began, across pods that come, go and restart", () => {
  const meter = new TrafficMeter(reading({ a: 100, b: 50 }), ["a", "b"]);
  expect(meter.take(reading({ a: 110, b: 55 })).requests).toBe(15);
  expect(meter.take(reading({ a: 112, new: 4 })).requests).toBe(21);
  expect(meter.take(reading({ a: 3, b: 60, new: 4 })).requests).toBe(29);
});

test("ignores a pod's requests before the watch, even if its first reading is late", () => {
  const meter = new TrafficMeter(reading({ a: 100 }), ["a", "unread"]);
  expect(meter.take(reading({ a: 101, unread: 5000 })).requests).toBe(1);
  expect(meter.take(reading({ a: 102, unread: 5003 })).requests).toBe(5);
});

test("CPU counts begin with the watch, and are absent for pods that do not report them", () => {
  const reading = (text: string) => new Map([["a", toTraffic(parseExposition(text))]]);
  const cpu = (periods: number, throttled: number) =>
    `inference_cpu_periods_total ${periods}\ninference_cpu_throttled_periods_total ${throttled}\n`;
  const meter = new TrafficMeter(reading(cpu(100, 90)), ["a"]);
  meter.take(reading(cpu(140, 92)));
  expect([...meter.take(reading(cpu(160, 95))).cpu]).toEqual([
    ["periods", 60],
    ["throttled", 5],
  ]);
  expect(new TrafficMeter(reading(""), ["a"]).take(reading("")).cpu.size).toBe(0);
});
