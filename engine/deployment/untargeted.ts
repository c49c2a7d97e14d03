/**
 * Steps for what the operation is not about: the resource stays in the state as it is.
 * @module
 */
import { dependenciesOf, type ResourceState } from "../resources/state.ts";
import { parseProviderReference } from "../resources/urn.ts";
import { isDefaultProvider } from "../steps/default-provider.ts";
import { urnsLeanedOn } from "../steps/selection.ts";
import { type Done, NO_REASONS, type Step } from "../steps/step.ts";
import { Bail } from "./events.ts";
import type { World } from "./world.ts";

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
export function untargetedSteps(world: World, old: ResourceState, urn: string, done: Done): Step[] {
  requireProvider(world, old, urn);
  return keep(world, old, urn, done);
}

function keep(world: World, old: ResourceState, urn: string, done?: Done): Step[] {
  const { ledger, olds } = world;
  if (old.delete) return [];
  // A parent may be found under its old URN, and an aliased resource must not be kept twice.
  ledger.urns.add(old.urn);
  ledger.sames.add(urn).add(old.urn);
  const steps: Step[] = [];
  const provider = old.provider === "" ? undefined : parseProviderReference(old.provider);
  if (provider && !ledger.isDecided(provider.urn) && !ledger.isOperatedOn(provider.urn)) {
    const state = olds.get(provider.urn);
    if (state?.id === provider.id) steps.push(...keep(world, state, state.urn));
  }
  for (const dependency of dependenciesOf(old)) {
    if (ledger.isDecided(dependency.urn)) continue;
    const state = olds.get(dependency.urn);
    if (!state) throw new Error(`${dependency.kind} ${dependency.urn} of untargeted resource ${urn} has no old state`);
    steps.push(...keep(world, state, state.urn));
  }
  return [...steps, untargetedSame(old, done)];
}

function requireProvider(world: World, old: ResourceState, urn: string): void {
  if (old.provider === "" || world.options.registry.get(old.provider)) return;
  const { urn: provider, id } = parseProviderReference(old.provider);
  if (world.olds.get(provider)?.id !== id) throw new Error(`could not find provider ${old.provider} in old state`);
  throw new Error(
    `provider ${old.provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed with --target. ` +
      "Change your program back to the original providers",
  );
}

/**
 * A resource cannot be made that leans on one which is left out. With `--exclude` the CLI makes it all the same, with
 * unknown inputs, and writes a state that it then refuses to read.
 */
export function refuseSkipped(world: World, steps: readonly Step[]): void {
  const { ledger, selection, options } = world;
  for (const step of steps) {
    if (!step.new || step.skippedCreate) continue;
    for (const urn of new Set(urnsLeanedOn(step.new))) {
      if (!ledger.skippedCreates.has(urn)) continue;
      const why = selection.targets.given
        ? "which was was not specified in --target list."
        : "which is new and excluded. Exclude both (--exclude-dependents does) or neither.";
      const message = `Resource '${step.urn}' depends on '${urn}' ${why}`;
      options.observer.diagnostic({ urn: step.urn, severity: "error", message });
      world.errored = true;
      // A preview goes on, so that all of them are named in one run, each once.
      if (!options.preview) throw new Bail(message);
      ledger.skippedCreates.delete(urn);
    }
  }
}
