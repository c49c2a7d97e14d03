import { expect, test } from "vitest";
import { mockedKubernetes } from "./kubernetes-program.ts";
import { askedOf, EVERYTHING, ROUTED } from "./render.ts";

/** Kinds that are not patched: immutable ones named by content, mostly written by the cluster, or, for the Job, created once. */
const LEFT_ALONE = ["Namespace", "ConfigMap", "Secret", "PersistentVolumeClaim", "Job", "Ingress", "ServiceMonitor"];

test("an update reverts manual changes of every object that is updated in place", {
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

/** Kinds that Pulumi's provider awaits on creation. */
const AWAITED = ["Deployment", "Ingress", "Job", "PersistentVolumeClaim", "Service"];

test("a killed update leaves no unknown object, because Pulumi awaits only external addresses", {
  timeout: 60_000,
}, async () => {
  const waited: string[] = [];
  for (const options of [EVERYTHING, ROUTED, {}])
    for (const { type, inputs } of await askedOf(options)) {
      const kind = type.split(":").at(-1) ?? "";
      if (!type.startsWith("kubernetes:") || !AWAITED.includes(kind)) continue;
      const { metadata, spec } = inputs as { metadata: { annotations?: object }; spec: { type?: string } };
      const isWaited = !("pulumi.com/skipAwait" in (metadata.annotations ?? {}));
      if (isWaited) waited.push(kind === "Service" ? `${spec.type} ${kind}` : kind);
    }
  expect([...new Set(waited)].sort()).toEqual(["Ingress", "LoadBalancer Service"]);
});

test("a Service of an earlier release shows no change for that", { timeout: 60_000 }, async () => {
  const { resource } = await mockedKubernetes();
  for (const name of ["staging-service", "mlflow-service"])
    expect(resource(name).options.ignoreChanges).toContain('metadata.annotations["pulumi.com/skipAwait"]');
});
