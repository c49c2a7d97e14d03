import { add, NO_TRAFFIC, since, type Traffic } from "./traffic.ts";

/** Adds up what a track's pods answer from one reading to the next, while pods come and go. */
export class TrafficMeter {
  private readonly last: Map<string, Traffic>;
  private sum = NO_TRAFFIC;

  /** @param baseline what the pods had answered when the watch began: that does not count */
  constructor(baseline: ReadonlyMap<string, Traffic>) {
    this.last = new Map(baseline);
  }

  /** Takes a reading. A pod that was not there before has answered all of its count since. */
  take(reading: ReadonlyMap<string, Traffic>): Traffic {
    for (const [pod, traffic] of reading) {
      this.sum = add(this.sum, since(this.last.get(pod) ?? NO_TRAFFIC, traffic));
      this.last.set(pod, traffic);
    }
    return this.sum;
  }
}
