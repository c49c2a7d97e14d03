/**
 * One deployment: processes registrations in sequence, turns them into steps, and finally deletes what is no longer
 * registered.
 * @module
 */
import { failsLater, messageOf } from "../failure.ts";
import type { Registrations } from "../monitor/monitor.ts";
import { StatusError } from "../monitor/server.ts";
import type { PropertyMap } from "../properties/value.ts";
import { equal } from "../properties/walk.ts";
import type { Goal, ReadRequest } from "../resources/goal.ts";
import type { ResourceState } from "../resources/state.ts";
import { isRootStack, makeUrn, parentTypeOf } from "../resources/urn.ts";
import type { Op, Step } from "../steps/step.ts";
import { missingTargets } from "./check-targets.ts";
import { runDeletes } from "./deletions.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import { EventQueue } from "./event-queue.ts";
import { Bail } from "./events.ts";
import { Executor } from "./executor.ts";
import { generateReadSteps, generateSteps } from "./generator.ts";

const UNAVAILABLE = 14;
/** On this status, the SDK stops without printing an error. */
const shutDown = () => new StatusError(UNAVAILABLE, "resource monitor shut down");

export class Deployment implements Registrations {
  readonly #context: DeploymentContext;
  readonly #executor: Executor;
  readonly #cancel: AbortController;
  readonly #queue = new EventQueue();
  #stackOutputs: { readonly urn: string; readonly outputs: PropertyMap } | undefined;
  readonly changes: Partial<Record<Op, number>> = {};
  /** Whether an error has been reported that stops the run. */
  #bailed = false;
  readonly #finished = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();

  constructor(context: DeploymentContext, cancel: AbortController) {
    this.#context = context;
    this.#cancel = cancel;
    this.#executor = new Executor(context, cancel, this.changes);
    failsLater(this.#released.promise);
  }

  get bailed(): boolean {
    return this.#bailed;
  }
  get failed(): boolean {
    return this.#bailed || this.#executor.failed || this.#context.errored;
  }

  /** Records that the program has failed, so that nothing is deleted. */
  fail(): void {
    this.#bailed = true;
    this.#cancel.abort();
  }

  /** Resolves when the program has registered everything or the run has been cancelled. */
  async untilFinished(): Promise<void> {
    const aborted = new Promise<void>((resolve) =>
      this.#cancel.signal.addEventListener("abort", () => resolve(), { once: true }),
    );
    if (!this.#cancel.signal.aborted) await Promise.race([this.#finished.promise, aborted]);
  }

  register(goal: Goal): Promise<ResourceState> {
    const { stack, project } = this.#context.options;
    const urn = makeUrn(stack, project, parentTypeOf(goal.parent), goal.type, goal.name);
    return this.#event(urn, (done) => generateSteps(this.#context, goal, done));
  }

  read(request: ReadRequest): Promise<ResourceState> {
    const { stack, project } = this.#context.options;
    const urn = makeUrn(stack, project, parentTypeOf(request.parent), request.type, request.name);
    return this.#event(urn, async (done) => generateReadSteps(this.#context, request, done));
  }

  /** Processes events one at a time; resolves when their steps are done. */
  #event(urn: string, generate: (done: (state: ResourceState) => void) => Promise<Step[]>): Promise<ResourceState> {
    const answer = Promise.withResolvers<ResourceState>();
    const work = async () => {
      const steps = await generate(answer.resolve);
      await this.#executor.submit(steps);
    };
    void this.#serially(urn, work);
    return Promise.race([answer.promise, this.#untilReleased<ResourceState>()]);
  }

  #serially(urn: string, work: () => Promise<void>): Promise<void> {
    const guarded = async () => {
      if (this.#cancel.signal.aborted) return;
      await work().catch((error) => this.#bail(urn, error));
    };
    return this.#queue.add(guarded);
  }

  #bail(urn: string, error: unknown): void {
    this.#bailed = true;
    if (!(error instanceof Bail))
      this.#context.options.observer.diagnostic({ urn, severity: "error", message: messageOf(error) });
    this.#cancel.abort();
  }

  /** Rejects when the run ends, for requests that are still pending. */
  #untilReleased<T>(): Promise<T> {
    return this.#released.promise.then(() => {
      throw shutDown();
    });
  }

  registerOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    // The stack's outputs depend on the result of the run.
    if (isRootStack(urn)) {
      this.#stackOutputs = { urn, outputs };
      return Promise.resolve();
    }
    const done = this.#serially(urn, () => this.#setOutputs(urn, outputs));
    return Promise.race([done, this.#untilReleased<void>()]);
  }

  async #setOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    const step = this.#executor.registered.get(urn);
    if (!step?.new) throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    this.#executor.registered.delete(urn);
    // A component that was skipped does not exist, but still registers its outputs.
    if (step.skippedCreate) return;
    const before = step.old?.outputs;
    step.new.outputs = outputs;
    this.#context.options.observer.outputsRegistered(step);
    await this.#context.options.snapshots?.outputs(step, before === undefined || !equal(before, outputs));
  }

  async finish(): Promise<void> {
    this.#finished.resolve();
    await this.#released.promise;
  }

  isSkipped(urn: string): boolean {
    return this.#context.decisions.skippedCreates.has(urn);
  }

  lookup(urn: string): ResourceState | undefined {
    return this.#context.news.get(urn);
  }

  /** Completes the run: deletes what is no longer registered unless something failed, and stores the stack's outputs. */
  async complete(): Promise<void> {
    await this.#queue.settle();
    if (!this.#cancel.signal.aborted) {
      const missing = missingTargets(this.#context, this.#context.selection.targets);
      await runDeletes(this.#context, this.#executor, this.#cancel.signal).catch((error) => this.#bail("", error));
      if (missing) this.#bailed = true;
    }
    await this.#executor.settle();
    const stack = this.#stackOutputs;
    if (stack === undefined) return;
    const old = this.#context.olds.get(stack.urn)?.outputs ?? {};
    // After a failure, a missing output was not necessarily removed.
    const outputs = this.failed ? { ...old, ...stack.outputs } : stack.outputs;
    await this.#setOutputs(stack.urn, outputs).catch((error) => this.#bail("", error));
  }

  /** Resolves all pending requests, so that the program can exit. */
  release(): void {
    this.#released.resolve();
  }
}
