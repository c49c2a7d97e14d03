import { add, NO_TRAFFIC, since, type Traffic } from "./traffic.ts";

/** Adds up what a track's pods answer from one reading to the next, while pods come and go. */
export class TrafficMeter {
  private readonly last: Map<string, Traffic>;
  /** Pods whose count before the watch is not known: their first reading is the one that they begin with. */
  private readonly unknown: Set<string>;
  private sum = NO_TRAFFIC;

  /**
   * @param baseline what the pods had answered when the watch began: that does not count
   * @param present names of the pods that were there then, read or not
   */
  constructor(baseline: ReadonlyMap<string, Traffic>, present: readonly string[]) {
    this.last = new Map(baseline);
    this.unknown = new Set(present.filter((pod) => !baseline.has(pod)));
  }

  /** Takes a reading. A pod that was not there before has answered all of its count since. */
  take(reading: ReadonlyMap<string, Traffic>): Traffic {
    for (const [pod, traffic] of reading) {
      if (!this.unknown.delete(pod)) this.sum = add(this.sum, since(this.last.get(pod) ?? NO_TRAFFIC, traffic));
      this.last.set(pod, traffic);
    }
    return this.sum;
  }
}
