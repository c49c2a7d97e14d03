/**
 * Takes events one at a time, burst by burst.
 *
 * Resources that do not lean on each other reach the engine in no fixed order. The SDK sends those with the fewest inputs
 * first; the Pulumi CLI hands each of a burst to a goroutine of its own, of which the last one is mostly run first. So is it
 * here: within a burst the latest goes first, and no burst waits for a later one.
 * @module
 */
import { setImmediate } from "node:timers/promises";

export class EventQueue {
  #arrived: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  /** Resolves when the event has been dealt with. */
  add(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#arrived.push(() => work().then(resolve, reject));
      this.#running ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#arrived.length > 0) {
      // What was sent together has arrived when the event loop has gone round.
      await setImmediate();
      const burst = this.#arrived.reverse();
      this.#arrived = [];
      for (const event of burst) await event();
    }
    this.#running = undefined;
  }

  /** Resolves when nothing is left. */
  async settle(): Promise<void> {
    while (this.#running) await this.#running;
  }
}
