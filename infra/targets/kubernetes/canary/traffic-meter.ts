import { add, NO_TRAFFIC, since, type Traffic } from "./traffic.ts";

/** Sums a track's traffic between readings, while pods come and go. */
export class TrafficMeter {
  private readonly last: Map<string, Traffic>;
  /** Pods with an unknown count before the watch: their first reading is their baseline. */
  private readonly unknown: Set<string>;
  private sum = NO_TRAFFIC;

  /**
   * @param baseline the pods' counters when the watch began, which are subtracted
   * @param present names of the pods that existed then, read or not
   */
  constructor(baseline: ReadonlyMap<string, Traffic>, present: readonly string[]) {
    this.last = new Map(baseline);
    this.unknown = new Set(present.filter((pod) => !baseline.has(pod)));
  }

  /** Adds a reading. The whole count of a new pod belongs to the watch. */
  take(reading: ReadonlyMap<string, Traffic>): Traffic {
    for (const [pod, traffic] of reading) {
      if (!this.unknown.delete(pod)) this.sum = add(this.sum, since(this.last.get(pod) ?? NO_TRAFFIC, traffic));
      this.last.set(pod, traffic);
    }
    return this.sum;
  }
}
