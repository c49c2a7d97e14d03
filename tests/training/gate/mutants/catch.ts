import { rm } from "node:fs/promises";
import { DECLARED_DIGEST_TAG, gateTags } from "../../../../registry/evidence.ts";
import type { ModelVersion } from "../../../../registry/model-versions.ts";
import type { CheckResult } from "../../../../training/gate/check.ts";
import { integrityFailure } from "../../../../training/gate/judge.ts";
import type { Policy } from "../../../../training/gate/policy.ts";
import { loadSnapshot } from "../../../../training/snapshot.ts";
import type { Mutant } from "./change.ts";
import { examine, scene } from "./scene.ts";
import { staleCopy } from "./stale-copy.ts";

/** What the check that must catch a mutant said of it; undefined when it did not. */
export async function caught({ check, outcome: expected, mutate }: Mutant): Promise<CheckResult | undefined> {
  const mutated = scene();
  mutated.policy = only(mutated.policy, check);
  mutate(mutated);
  const { checks } = await examine(mutated);
  return checks.find((result) => result.check === check && result.outcome === (expected ?? "fail") && result.required);
}

/** The part of a policy that a check is in: the others need not run for it. */
function only(policy: Policy, check: string): Policy {
  const group = check.split(".")[0] as keyof Policy;
  // What a model does that cannot be served is caught under any policy.
  return policy[group] ? { [group]: policy[group] } : { accuracy: { min: 0.88 } };
}

/** What is refused before a model is run: each answers the message, or undefined when it was not refused. */
export const REFUSALS: readonly {
  readonly name: string;
  readonly check: string;
  run(): Promise<string | undefined>;
}[] = [
  {
    ...{ name: "file tampered with after training", check: "integrity" },
    run: async () => integrityFailure(version({ [DECLARED_DIGEST_TAG]: "a" }), "b")?.detail,
  },
  {
    ...{ name: "file tampered with after the gate", check: "integrity" },
    run: async () => {
      const evidence = { verdict: "passed", summary: "s", policySha256: "p", evaluationMd5: "e", report: "r" } as const;
      return integrityFailure(version(gateTags({ ...evidence, modelSha256: "a", judgedAt: "t" })), "b")?.detail;
    },
  },
  {
    ...{ name: "stale pointer", check: "data pointer" },
    run: async () => {
      const { folder, path } = await staleCopy();
      try {
        await loadSnapshot(path);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
];

const version = (tags: Record<string, string>): ModelVersion => ({
  name: "churn-model",
  version: "1",
  runId: "run",
  stage: "None",
  status: "READY",
  source: "s",
  tags,
  aliases: [],
});
