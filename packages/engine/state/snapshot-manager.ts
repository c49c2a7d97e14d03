/**
 * Keeps the checkpoint up to date: before a provider call, its intent and all earlier results are on disk.
 * @module
 */

import { failsLater } from "../failure.ts";
import type { OperationType, PendingOperation, ResourceState } from "../resources/state.ts";
import { isDeletion, type Step } from "../steps/step.ts";
import { mustWriteSame } from "./must-write.ts";

const INTENT: Partial<Record<Step["op"], OperationType>> = {
  create: "creating",
  "create-replacement": "creating",
  update: "updating",
  delete: "deleting",
  "delete-replaced": "deleting",
  discard: "deleting",
  "discard-replaced": "deleting",
  read: "reading",
  "read-replacement": "reading",
};

export interface SnapshotBase {
  resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

export type Save = (resources: readonly ResourceState[], operations: readonly PendingOperation[]) => Promise<void>;

export class SnapshotManager {
  readonly #base: SnapshotBase;
  readonly #save: Save;
  /** Resources of this run, in order. */
  readonly #resources: ResourceState[] = [];
  /** States that are no longer valid: superseded or deleted. */
  readonly #ended = new Set<ResourceState>();
  readonly #operations = new Map<ResourceState, OperationType>();
  #elided = true;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(base: SnapshotBase, save: Save) {
    this.#base = base;
    this.#save = save;
  }

  current(): { resources: ResourceState[]; operations: PendingOperation[] } {
    const alive = (state: ResourceState) => !this.#ended.has(state);
    return {
      resources: [...this.#resources.filter(alive), ...this.#base.resources.filter(alive)],
      operations: [
        ...[...this.#operations].map(([resource, type]): PendingOperation => ({ resource, type })),
        // Only the user knows whether an interrupted create has created something, so it is kept until the Pulumi CLI removes it.
        ...this.#base.pendingOperations.filter(({ type }) => type === "creating"),
      ],
    };
  }

  async begin(step: Step): Promise<void> {
    const intent = INTENT[step.op];
    const subject = isDeletion(step.op) ? step.old : step.new;
    if (intent === undefined || !subject) return;
    this.#operations.set(subject, intent);
    await this.#persist();
  }

  async end(step: Step, successful: boolean): Promise<void> {
    const subject = isDeletion(step.op) ? step.old : step.new;
    if (subject) this.#operations.delete(subject);
    if (step.op === "replace") return;
    if (step.op === "refresh") {
      // A refresh rebuilds the base, which is written with the next step or at the end.
      this.#elided = true;
      return;
    }
    if (step.skippedCreate) return;
    if (successful) this.#record(step);
    const unchanged = step.op === "same" && step.old && step.new && !mustWriteSame(step.old, step.new);
    if (successful && unchanged) this.#elided = true;
    // Not awaited: the write of the next step's intent includes it, before the next provider call.
    else failsLater(this.#persist());
  }

  #record({ op, old, new: next }: Step): void {
    if (old && this.#endsOld(op, old)) this.#ended.add(old);
    if (next && !isDeletion(op)) this.#resources.push(next);
  }

  #endsOld(op: Step["op"], old: ResourceState): boolean {
    if (op === "same" || op === "update" || op === "read" || op === "remove-pending-replace") return true;
    // A resource that was deleted before its replacement is kept, marked, until the replacement exists.
    if (op === "create" || op === "create-replacement") return old.pendingReplacement;
    // A resource replaced by a read is kept until it is deleted, unless it was itself only read.
    if (op === "read-replacement") return old.external;
    return isDeletion(op) && !old.pendingReplacement;
  }

  /** Records outputs that a component registered after its step. */
  async outputs(step: Step, changed: boolean): Promise<void> {
    if (changed) await this.#persist();
    else if (step.new) this.#elided = true;
  }

  /** Writes pending changes. */
  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#writing.catch(() => undefined);
    if (this.#elided) await this.#persist();
  }

  /** Resolves when a write that started after this call is on disk. Steps that wait at the same time share one write. */
  #persist(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#elided = false;
        const { resources, operations } = this.current();
        this.#writing = this.#save(resources, operations).catch((error) => {
          // So that the next or the final write includes the changes.
          this.#elided = true;
          throw error;
        });
        return this.#writing;
      });
    return this.#next;
  }
}
