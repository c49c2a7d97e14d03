/**
 * Deletions: which resources go, and in which order.
 * @module
 */
import { DependencyGraph } from "../resources/graph.ts";
import type { ResourceState } from "../resources/state.ts";
import { isDefaultProvider } from "./default-provider.ts";
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

export const removePendingReplace = (old: ResourceState): Step => ({
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
  /** Whether this run has decided on the URN: such a resource stays. */
  readonly isOperatedOn: (urn: string) => boolean;
  /** Resources that this run has deleted already. */
  readonly alreadyDeleted: ReadonlySet<ResourceState>;
}

/** Steps for what was replaced, and for what the program no longer asks for. */
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
 * Sorts deletions into rounds: those of a round may run together, and nothing goes before what leans on it.
 * A round holds what leans on nothing else that is condemned; the last round found is the first to run.
 */
export function scheduleDeletes(steps: readonly Step[], resources: readonly ResourceState[]): Step[][] {
  const graph = new DependencyGraph(resources);
  const condemned = new Map(steps.map((step) => [step.old, step] as const));
  const leansOn = new Map(
    steps.map(
      (step) => [step, step.old && graph.contains(step.old) ? graph.dependenciesOf(step.old) : new Set()] as const,
    ),
  );
  const rounds: Step[][] = [];
  while (condemned.size > 0) {
    const round = [...condemned.values()].filter(
      (step) => ![...(leansOn.get(step) ?? [])].some((state) => condemned.has(state as ResourceState)),
    );
    // A state that was edited by hand may hold a circle; it is deleted as it comes rather than never.
    const progress = round.length > 0 ? round : [...condemned.values()];
    for (const step of progress) condemned.delete(step.old);
    rounds.unshift(progress);
  }
  return rounds;
}
