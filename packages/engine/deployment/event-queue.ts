/**
 * Processes events one at a time, burst by burst.
 *
 * Independent resources reach the engine in no fixed order. The SDK sends those with the fewest inputs first, and the Pulumi
 * CLI starts a goroutine for each event of a burst, of which the last one usually runs first. This queue does the same: within
 * a burst, the latest event goes first, and no burst waits for a later one.
 * @module
 */
import { setImmediate } from "node:timers/promises";

export class EventQueue {
  #arrived: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  /** Resolves when the event has been processed. */
  add(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#arrived.push(() => work().then(resolve, reject));
      this.#running ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#arrived.length > 0) {
      // After one turn of the event loop, everything that was sent together has arrived.
      await setImmediate();
      const burst = this.#arrived.reverse();
      this.#arrived = [];
      for (const event of burst) await event();
    }
    this.#running = undefined;
  }

  /** Resolves when the queue is empty. */
  async settle(): Promise<void> {
    while (this.#running) await this.#running;
  }
}
