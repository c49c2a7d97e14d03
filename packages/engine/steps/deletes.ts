/**
 * Deletions: which resources are deleted, and in which order.
 * @module
 */
import { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { isDefaultProvider } from "../resources/urn.ts";
import { NO_REASONS, type Op, type Step } from "./step.ts";

export function deleteStep(old: ResourceState, replacing: boolean, awaitsReplacement = false): Step {
  const op: Op = old.external ? (replacing ? "discard-replaced" : "discard") : replacing ? "delete-replaced" : "delete";
  return {
    ...NO_REASONS,
    op,
    urn: old.urn,
    old,
    new: undefined,
    awaitsReplacement,
    internal: isDefaultProvider(old.urn),
  };
}

const removePendingReplace = (old: ResourceState): Step => ({
  ...NO_REASONS,
  op: "remove-pending-replace",
  urn: old.urn,
  old,
  new: undefined,
  internal: true,
});

export interface DeletionInput {
  /** The resources of the last deployment, in order. */
  readonly resources: readonly ResourceState[];
  /** Whether this run keeps the resource. */
  readonly isOperatedOn: (urn: string) => boolean;
  /** Resources that this run has already deleted. */
  readonly alreadyDeleted: ReadonlySet<ResourceState>;
}

/** Returns steps for replaced resources and for those that the program no longer registers. */
export function planDeletes({ resources, isOperatedOn, alreadyDeleted }: DeletionInput): Step[] {
  const steps: Step[] = [];
  for (const resource of resources) {
    if (resource.delete) {
      if (!alreadyDeleted.has(resource)) steps.push(deleteStep(resource, true));
    } else if (!isOperatedOn(resource.urn)) {
      steps.push(resource.pendingReplacement ? removePendingReplace(resource) : deleteStep(resource, false));
    }
  }
  return steps;
}

/**
 * Sorts deletions into rounds. Deletions in a round may run in parallel, and dependents are deleted first.
 * Each round found depends on no other remaining deletion, so the last round found runs first.
 */
export function scheduleDeletes(steps: readonly Step[], resources: readonly ResourceState[]): Step[][] {
  const graph = new DependencyGraph(resources);
  const remaining = new Map(steps.map((step) => [step.old, step] as const));
  const dependencies = new Map(
    steps.map(
      (step) => [step, step.old && graph.contains(step.old) ? graph.dependenciesOf(step.old) : new Set()] as const,
    ),
  );
  const rounds: Step[][] = [];
  while (remaining.size > 0) {
    const round = [...remaining.values()].filter(
      (step) => ![...(dependencies.get(step) ?? [])].some((state) => remaining.has(state as ResourceState)),
    );
    // A manually edited state may contain a cycle, which is deleted in any order.
    const progress = round.length > 0 ? round : [...remaining.values()];
    for (const step of progress) remaining.delete(step.old);
    rounds.unshift(progress);
  }
  return rounds;
}
