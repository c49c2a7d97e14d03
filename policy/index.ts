import { type Policies, PolicyPack } from "@pulumi/policy";
import { dataKept } from "./rules/data-kept.ts";
import { imagesByDigest } from "./rules/images-by-digest.ts";
import { limitsSet } from "./rules/limits-set.ts";
import { mlflowNotPublic } from "./rules/mlflow-not-public.ts";
import { productionNeverTrains } from "./rules/production-never-trains.ts";
import type { Rule } from "./rules/rule.ts";
import { inPlainText, sealed } from "./rules/secrets-encrypted.ts";

/** A rule about one resource at a time. */
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
    ofResource("images-by-digest", "Every container runs an image that is named by its digest.", imagesByDigest),
    ofResource("limits-set", "Every container has a limit of memory and of cpu.", limitsSet),
    ofResource(
      "mlflow-not-public",
      "MLflow, which lets everybody write, is reached from inside only.",
      mlflowNotPublic,
    ),
    ofResource("secrets-not-in-plain-text", "What is named like a secret comes from a Secret.", inPlainText),
    {
      name: "secrets-encrypted",
      description: "Values named like secrets are encrypted in the state, even if not declared secret.",
      enforcementLevel: "remediate",
      remediateResource: ({ type, props }) => sealed({ type, props }),
    },
    {
      name: "data-kept",
      description: "Resources that hold MLflow's data are protected, or cannot be replaced by a change.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        for (const violation of dataKept(resources)) report(violation);
      },
    },
    {
      name: "production-never-trains",
      description: "A stack of production trains nothing, judges nothing and builds nothing.",
      enforcementLevel: "mandatory",
      validateStack: ({ resources }, report) => {
        for (const violation of productionNeverTrains(resources)) report(violation);
      },
    },
  ],
});
