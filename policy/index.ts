import { type Policies, PolicyPack } from "@pulumi/policy";
import { dataKept } from "./rules/data-kept.ts";
import { imagesByDigest } from "./rules/images-by-digest.ts";
import { limitsSet } from "./rules/limits-set.ts";
import { mlflowNotPublic } from "./rules/mlflow-not-public.ts";
import { productionNeverTrains } from "./rules/production-never-trains.ts";
import type { Rule } from "./rules/rule.ts";
import { markSecrets, plainTextSecrets } from "./rules/secrets-encrypted.ts";

/** Builds a policy that checks one resource at a time. */
const ofResource = (name: string, description: string, rule: Rule): Policies[number] => ({
  name,
  description,
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    for (const violation of rule({ type, props })) report(violation);
  },
});

new PolicyPack("model-promotion", {
  policies: [
    ofResource("images-by-digest", "Every container image is pinned by digest.", imagesByDigest),
    ofResource("limits-set", "Every container has a memory limit and a CPU limit.", limitsSet),
    ofResource(
      "mlflow-not-public",
      "MLflow, which accepts writes without a password, is not exposed publicly.",
      mlflowNotPublic,
    ),
    ofResource(
      "secrets-not-in-plain-text",
      "Values named like secrets come from a Kubernetes Secret, not from plain text.",
      plainTextSecrets,
    ),
    {
      name: "secrets-encrypted",
      description: "Values named like secrets are encrypted in the state, even if not declared secret.",
      enforcementLevel: "remediate",
      remediateResource: ({ type, props }) => markSecrets({ type, props }),
    },
    {
      name: "data-kept",
      description: "Resources that hold MLflow's data are protected, or ignore changes that would replace them.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        for (const violation of dataKept(resources)) report(violation);
      },
    },
    {
      name: "production-never-trains",
      description: "A production stack never trains, judges or builds anything.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        for (const violation of productionNeverTrains(resources)) report(violation);
      },
    },
  ],
});
