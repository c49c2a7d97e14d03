import type { CheckResult } from "../../../../training/gate/check.ts";
import type { Policy } from "../../../../training/gate/policy.ts";
import type { CheckRun } from "../../../../training/gate/run-checks.ts";
import type { Model } from "./graphs.ts";

/** A fault in a model, its data or its champion, and the check that must detect it. */
export interface Mutant<Scene> {
  readonly name: string;
  /** Key of the check. */
  readonly check: string;
  /** Default: `fail`. */
  readonly outcome?: "inconclusive";
  mutate(scene: Scene): void;
}

/** Returns a mutation that changes the exported graph. */
export const withGraph =
  (graph: (model: Model) => void) =>
  (scene: { graph?: (model: Model) => void }): void => {
    scene.graph = graph;
  };

/** One mutant, or an input that is rejected before a model runs. */
export interface Trial {
  readonly name: string;
  readonly check: string;
  /** The check's message; undefined if the mutant was not caught. */
  run(): Promise<string | undefined>;
}

/** Mutants of one kind of honest scene. */
export interface Suite {
  readonly kind: string;
  honest(): Promise<CheckRun>;
  readonly trials: readonly Trial[];
}

interface Scenes<Scene> {
  readonly kind: string;
  /** An honest scene, which passes the gate. */
  readonly scene: () => Scene;
  readonly examine: (scene: Scene) => Promise<Pick<CheckRun, "checks"> & CheckRun>;
  readonly mutants: readonly Mutant<Scene>[];
  /** Policy for mutants that are caught under any policy. */
  readonly least: Policy;
}

export const suiteOf = <Scene extends { policy: Policy }>({
  kind,
  scene,
  examine,
  mutants,
  least,
}: Scenes<Scene>): Suite => ({
  kind,
  honest: () => examine(scene()),
  trials: mutants.map(({ name, check, outcome = "fail", mutate }) => ({
    name,
    check,
    run: async () => {
      const mutated = scene();
      mutated.policy = only(mutated.policy, check, least);
      mutate(mutated);
      const { checks } = await examine(mutated);
      const isCatch = (result: CheckResult) => result.check === check && result.outcome === outcome && result.required;
      return checks.find(isCatch)?.detail;
    },
  })),
});

/** Returns the part of a policy with the check; the other parts need not run. */
function only({ task, anomalyScores, ...policy }: Policy, check: string, least: Policy): Policy {
  const group = check.split(".")[0] as keyof typeof policy;
  return {
    ...(task && { task }),
    ...(anomalyScores && { anomalyScores }),
    ...(policy[group] ? { [group]: policy[group] } : least),
  };
}
