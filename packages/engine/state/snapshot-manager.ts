/**
 * Keeps the checkpoint in step with what happens: before a provider is called, its intent and every result so far are on the
 * disk.
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
  /** What this run has made, in the order in which it was made. */
  readonly #resources: ResourceState[] = [];
  /** States that no longer hold: replaced by a new one, or deleted. */
  readonly #dones = new Set<ResourceState>();
  readonly #operations = new Map<ResourceState, OperationType>();
  #elided = true;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(base: SnapshotBase, save: Save) {
    this.#base = base;
    this.#save = save;
  }

  current(): { resources: ResourceState[]; operations: PendingOperation[] } {
    const alive = (state: ResourceState) => !this.#dones.has(state);
    return {
      resources: [...this.#resources.filter(alive), ...this.#base.resources.filter(alive)],
      operations: [
        ...[...this.#operations].map(([resource, type]): PendingOperation => ({ resource, type })),
        // Only the user knows whether an interrupted create has created something: it stays until the Pulumi CLI removes it.
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
      // The base itself is rebuilt by a refresh; it is written with the next step, or at the end.
      this.#elided = true;
      return;
    }
    if (step.skippedCreate) return;
    if (successful) this.#record(step);
    const unchanged = step.op === "same" && step.old && step.new && !mustWriteSame(step.old, step.new);
    if (successful && unchanged) this.#elided = true;
    // Not awaited: the intent of the next step takes it along to the disk before anything else is asked of a provider.
    else failsLater(this.#persist());
  }

  #record({ op, old, new: next }: Step): void {
    if (old && this.#endsOld(op, old)) this.#dones.add(old);
    if (next && !isDeletion(op)) this.#resources.push(next);
  }

  #endsOld(op: Step["op"], old: ResourceState): boolean {
    if (op === "same" || op === "update" || op === "read" || op === "remove-pending-replace") return true;
    // A resource that was deleted before its replacement stays, marked, until the replacement is there.
    if (op === "create" || op === "create-replacement") return old.pendingReplacement;
    // What a read replaces stays until it is deleted, unless it was only read itself.
    if (op === "read-replacement") return old.external;
    return isDeletion(op) && !old.pendingReplacement;
  }

  /** The outputs of a component came after its step. */
  async outputs(step: Step, changed: boolean): Promise<void> {
    if (changed) await this.#persist();
    else if (step.new) this.#elided = true;
  }

  /** Writes what has not been written yet. */
  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#writing.catch(() => undefined);
    if (this.#elided) await this.#persist();
  }

  /** Resolves when a write that began after this call is on the disk; steps that wait together share one write. */
  #persist(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#elided = false;
        const { resources, operations } = this.current();
        this.#writing = this.#save(resources, operations).catch((error) => {
          // For the write after this one, or the last.
          this.#elided = true;
          throw error;
        });
        return this.#writing;
      });
    return this.#next;
  }
}
