/**
 * Steps for resources outside the operation: they stay unchanged in the state.
 * @module
 */
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { isDefaultProvider, parseProviderReference } from "../resources/urn.ts";
import { dependencyUrns } from "../steps/selection.ts";
import { type Done, NO_REASONS, type Step } from "../steps/step.ts";
import type { DeploymentContext } from "./deployment-context.ts";
import { Bail } from "./events.ts";

export const untargetedSame = (old: ResourceState, done?: Done): Step => ({
  ...NO_REASONS,
  op: "same",
  urn: old.urn,
  old,
  new: { ...old },
  untargeted: true,
  internal: isDefaultProvider(old.urn),
  ...(done && { done }),
});

/**
 * Keeps a resource and, before it, all its dependencies in the state: those that the program no longer registers are not
 * deleted now, and must precede it in the state.
 */
export function untargetedSteps(context: DeploymentContext, old: ResourceState, urn: string, done: Done): Step[] {
  requireProvider(context, old, urn);
  return keep(context, old, urn, done);
}

function keep(context: DeploymentContext, old: ResourceState, urn: string, done?: Done): Step[] {
  const { decisions, olds } = context;
  if (old.delete) return [];
  // A parent may be found under its old URN, and an aliased resource must not be kept twice.
  decisions.urns.add(old.urn);
  decisions.sames.add(urn).add(old.urn);
  const steps: Step[] = [];
  const provider = old.provider === "" ? undefined : parseProviderReference(old.provider);
  if (provider && !decisions.isDecided(provider.urn) && !decisions.isOperatedOn(provider.urn)) {
    const state = olds.get(provider.urn);
    if (state?.id === provider.id) steps.push(...keep(context, state, state.urn));
  }
  for (const dependency of dependenciesOf(old)) {
    if (decisions.isDecided(dependency.urn)) continue;
    const state = olds.get(dependency.urn);
    if (!state) throw new Error(`${dependency.kind} ${dependency.urn} of untargeted resource ${urn} has no old state`);
    steps.push(...keep(context, state, state.urn));
  }
  return [...steps, untargetedSame(old, done)];
}

function requireProvider(context: DeploymentContext, old: ResourceState, urn: string): void {
  if (old.provider === "" || context.options.registry.get(old.provider)) return;
  const { urn: provider, id } = parseProviderReference(old.provider);
  if (context.olds.get(provider)?.id !== id) throw new Error(`could not find provider ${old.provider} in old state`);
  throw new Error(
    `provider ${old.provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed with --target. ` +
      "Change your program back to the original providers",
  );
}

/**
 * Rejects resources that depend on one that is skipped. With `--exclude`, the CLI still creates them, with unknown inputs, and
 * writes a state that it cannot read.
 */
export function rejectSkipped(context: DeploymentContext, steps: readonly Step[]): void {
  const { decisions, selection, options } = context;
  for (const step of steps) {
    if (!step.new || step.skippedCreate) continue;
    for (const urn of new Set(dependencyUrns(step.new))) {
      if (!decisions.skippedCreates.has(urn)) continue;
      const why = selection.targets.given
        ? "which was was not specified in --target list."
        : "which is new and excluded. Exclude both (--exclude-dependents does) or neither.";
      const message = `Resource '${step.urn}' depends on '${urn}' ${why}`;
      options.observer.diagnostic({ urn: step.urn, severity: "error", message });
      context.errored = true;
      // A preview continues, so that one run reports each of them once.
      if (!options.preview) throw new Bail(message);
      decisions.skippedCreates.delete(urn);
    }
  }
}
