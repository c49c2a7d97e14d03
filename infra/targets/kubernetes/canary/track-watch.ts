import { type ClusterApi, retryWhileUnavailable } from "../cluster-api.ts";
import type { Observed } from "./judge.ts";
import { listPods, type Pod, readTraffic, type Track } from "./pods.ts";
import { probePods } from "./probe.ts";
import { TrafficMeter } from "./traffic-meter.ts";

/** Observes a track's pods over a series of readings. */
export class TrackWatch {
  readonly #api: ClusterApi;
  readonly #track: Track;
  readonly #meter: TrafficMeter;
  readonly #rounds: (number | undefined)[] = [];
  #pods: readonly Pod[];

  private constructor(api: ClusterApi, track: Track, { pods, traffic }: Awaited<ReturnType<typeof read>>) {
    this.#api = api;
    this.#track = track;
    this.#pods = pods;
    this.#meter = new TrafficMeter(
      traffic,
      pods.map(({ name }) => name),
    );
  }

  /** Starts watching. @throws ClusterError */
  static async begin(api: ClusterApi, track: Track): Promise<TrackWatch> {
    const { pods } = await read(api, track);
    // A new pod compiles its code in the first round, which is discarded.
    await probePods(api, track, pods);
    return new TrackWatch(api, track, await read(api, track));
  }

  /** Runs one round of probes at the pods of the last reading. */
  async probe(): Promise<void> {
    this.#rounds.push(await probePods(this.#api, this.#track, this.#pods));
  }

  /** Takes a reading and returns all observations since the beginning. @throws ClusterError */
  async observe(): Promise<{ readonly seen: Observed; readonly restarts: number }> {
    const { pods, traffic } = await read(this.#api, this.#track);
    this.#pods = pods;
    const restarts = pods.reduce((sum, pod) => sum + pod.restarts, 0);
    return { seen: { ...this.#meter.take(traffic), rounds: this.#rounds }, restarts };
  }
}

const read = (api: ClusterApi, track: Track) =>
  retryWhileUnavailable(async () => {
    const pods = await listPods(api, track);
    return { pods, traffic: await readTraffic(api, track, pods) };
  });
