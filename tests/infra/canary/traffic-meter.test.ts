import { expect, test } from "vitest";
import { NO_TRAFFIC, type Traffic } from "../../../infra/targets/kubernetes/canary/traffic.ts";
import { TrafficMeter } from "../../../infra/targets/kubernetes/canary/traffic-meter.ts";

const reading = (counts: Readonly<Record<string, number>>): Map<string, Traffic> =>
  new Map(Object.entries(counts).map(([pod, requests]) => [pod, { ...NO_TRAFFIC, requests }]));

test("counts what came since the watch began, of pods that come, go and restart", () => {
  const meter = new TrafficMeter(reading({ a: 100, b: 50 }), ["a", "b"]);
  expect(meter.take(reading({ a: 110, b: 55 })).requests).toBe(15);
  expect(meter.take(reading({ a: 112, new: 4 })).requests).toBe(21);
  expect(meter.take(reading({ a: 3, b: 60, new: 4 })).requests).toBe(29);
});

test("what a pod had answered before the watch does not count when its first reading comes late", () => {
  const meter = new TrafficMeter(reading({ a: 100 }), ["a", "unread"]);
  expect(meter.take(reading({ a: 101, unread: 5000 })).requests).toBe(1);
  expect(meter.take(reading({ a: 102, unread: 5003 })).requests).toBe(5);
});
