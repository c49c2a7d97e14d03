/**
 * Runs chains of steps, a limited number at a time. After a failure, nothing new starts and steps in flight finish.
 * @module
 */

import { messageOf } from "../failure.ts";
import { containsUnknowns, equal } from "../properties/walk.ts";
import { isLogical, type Op, type Step } from "../steps/step.ts";
import { applyStep, ProtectedError } from "./apply.ts";
import type { DeploymentContext } from "./deployment-context.ts";

export class Executor {
  readonly #context: DeploymentContext;
  /** Set for refreshes, which continue after a failure so that all failures are reported. */
  readonly #continuesOnError: boolean;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #cancel: AbortController;
  /** Steps that succeeded, by URN, for outputs that are registered later. */
  readonly registered = new Map<string, Step>();
  readonly failedSteps: Step[] = [];
  readonly changes: Partial<Record<Op, number>>;

  constructor(
    context: DeploymentContext,
    cancel: AbortController,
    changes: Partial<Record<Op, number>>,
    continuesOnError = false,
  ) {
    this.#context = context;
    this.#cancel = cancel;
    this.#continuesOnError = continuesOnError;
    this.#free = Math.max(1, context.options.parallel);
    this.changes = changes;
  }

  get failed(): boolean {
    return this.failedSteps.length > 0;
  }

  /** Resolves when a worker has taken the chain, with a promise for its end; immediately if the run has been cancelled. */
  async submit(chain: readonly Step[]): Promise<{ readonly ended: Promise<void> }> {
    while (this.#free === 0 && !this.#cancel.signal.aborted) await this.#turn();
    if (this.#cancel.signal.aborted) return { ended: Promise.resolve() };
    this.#free--;
    const ended = this.#runChain(chain).finally(() => {
      this.#free++;
      this.#inFlight.delete(ended);
      this.#waiting.shift()?.();
    });
    this.#inFlight.add(ended);
    return { ended };
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#cancel.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  async settle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  async #runChain(chain: readonly Step[]): Promise<void> {
    for (const step of chain) {
      if (this.#cancel.signal.aborted) return;
      if (!(await this.#runStep(step))) return;
    }
  }

  async #runStep(step: Step): Promise<boolean> {
    const { observer, snapshots, preview } = this.#context.options;
    observer.stepStarted(step);
    try {
      await snapshots?.begin(step);
      const { result, error, partial } = await applyStep(this.#context, step);
      if (error) this.#fail(step, error, preview ? `preview failed: ${error.message}` : error.message);
      else {
        this.#count(step, result);
        observer.stepEnded(step, result);
        if (isLogical(step.op) && step.new) this.registered.set(step.urn, step);
      }
      await snapshots?.end(step, !error || partial === true);
      if (error) return false;
    } catch (error) {
      // The state could not be written, so further steps would create resources that are not recorded.
      this.#fail(step, new Error(messageOf(error)), messageOf(error));
      this.#cancel.abort();
      return false;
    }
    if (step.new) step.done?.(step.new);
    return true;
  }

  #fail(step: Step, error: Error, message: string): void {
    const { observer } = this.#context.options;
    observer.diagnostic({ urn: step.internal ? "" : step.urn, severity: "error", message });
    observer.stepFailed(step);
    this.failedSteps.push(step);
    if (!this.#continuesOnError && !(error instanceof ProtectedError)) this.#cancel.abort();
  }

  #count(step: Step, result: Op): void {
    const counted = step.op === "refresh" ? result !== "refresh" && this.#continuesOnError : isLogical(step.op);
    if (!counted || step.internal || (step.op === "read" && !isReadNews(step))) return;
    this.changes[result] = (this.changes[result] ?? 0) + 1;
  }
}

/** Whether a read found new outputs; only then does the summary count it. */
const isReadNews = ({ old, new: next }: Step): boolean =>
  old?.outputs !== undefined &&
  next?.outputs !== undefined &&
  !containsUnknowns(next.outputs) &&
  !equal(old.outputs, next.outputs);
