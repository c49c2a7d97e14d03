/**
 * Steps for what the operation is not about: the resource stays in the state as it is.
 * @module
 */
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { parseProviderReference } from "../resources/urn.ts";
import { isDefaultProvider } from "../steps/default-provider.ts";
import { urnsLeanedOn } from "../steps/selection.ts";
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
 * The resource, after all that it leans on in the state: what the program no longer registers is not deleted now, and
 * must come before it in the state.
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
 * A resource cannot be made that leans on one which is left out. With `--exclude` the CLI makes it all the same, with
 * unknown inputs, and writes a state that it then refuses to read.
 */
export function refuseSkipped(context: DeploymentContext, steps: readonly Step[]): void {
  const { decisions, selection, options } = context;
  for (const step of steps) {
    if (!step.new || step.skippedCreate) continue;
    for (const urn of new Set(urnsLeanedOn(step.new))) {
      if (!decisions.skippedCreates.has(urn)) continue;
      const why = selection.targets.given
        ? "which was was not specified in --target list."
        : "which is new and excluded. Exclude both (--exclude-dependents does) or neither.";
      const message = `Resource '${step.urn}' depends on '${urn}' ${why}`;
      options.observer.diagnostic({ urn: step.urn, severity: "error", message });
      context.errored = true;
      // A preview continues, so that one run names all of them, each once.
      if (!options.preview) throw new Bail(message);
      decisions.skippedCreates.delete(urn);
    }
  }
}
