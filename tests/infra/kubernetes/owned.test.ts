import { expect, test } from "vitest";
import { askedOf, EVERYTHING, ROUTED } from "./render.ts";

/** Their content is in their name and immutable, or the cluster writes most of them; the Job is made once. */
const LEFT_ALONE = ["Namespace", "ConfigMap", "Secret", "PersistentVolumeClaim", "Job", "Ingress", "ServiceMonitor"];

test("an update takes back the fields that somebody changed by hand, of every object that is changed in place", {
  timeout: 60_000,
}, async () => {
  const kinds = new Set<string>();
  for (const options of [EVERYTHING, ROUTED, {}])
    for (const { type, name, inputs } of await askedOf(options)) {
      const kind = type.split(":").at(-1) ?? "";
      if (!type.startsWith("kubernetes:") || LEFT_ALONE.includes(kind)) continue;
      kinds.add(kind);
      expect(inputs.metadata, `${kind} ${name}`).toMatchObject({ annotations: { "pulumi.com/patchForce": "true" } });
    }
  expect([...kinds].sort()).toEqual(
    ["Deployment", "HTTPRoute", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget", "Service"].sort(),
  );
});
