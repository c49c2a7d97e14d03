import { beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../../infra/render/render-stack.ts";
import { containersOf, podSpecOf, restrictedWarnings } from "../../kubernetes/pod-security.ts";
import { EVERYTHING, only, ROUTED, render } from "./render.ts";

let manifests: Manifest[];
beforeAll(async () => {
  manifests = [
    ...(await render(EVERYTHING)),
    ...(await render(ROUTED)),
    ...(await render({ environment: "production" })),
  ];
}, 60_000);

const pods = () =>
  manifests.flatMap((one) => {
    const spec = podSpecOf(one);
    return spec ? [{ name: `${one.kind} ${one.metadata.name}`, spec }] : [];
  });
const containers = () =>
  pods().flatMap(({ name, spec }) => containersOf(spec).map((container) => ({ name, container })));

test("no object violates the restricted profile", () => {
  const warnings = pods().flatMap(({ name, spec }) => restrictedWarnings(spec).map((warning) => `${name}: ${warning}`));
  expect(warnings).toEqual([]);
  expect(pods()).toHaveLength(8); // service and canary twice, MLflow twice, the trainer, production
});

test("no pod has a service-account token or a writable root", () => {
  for (const { spec } of pods()) expect(spec.automountServiceAccountToken).toBe(false);
  for (const { container } of containers())
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
});

test("every container has requests and limits of CPU and memory", () => {
  for (const { container } of containers())
    expect(container.resources).toEqual({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { cpu: expect.any(String), memory: expect.any(String) },
    });
});

test("every image is named by digest", () => {
  for (const { container } of containers()) expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/);
});

test("every pod is selected by a policy for ingress and egress", () => {
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy").map(({ spec }) => spec as PolicySpec);
  for (const policy of policies) expect(policy.policyTypes).toEqual(["Ingress", "Egress"]);
  const templates = manifests.flatMap((one) =>
    podSpecOf(one) ? [(one.spec as WithTemplate).template.metadata.labels] : [],
  );
  for (const labels of templates) {
    const own = policies.filter(({ podSelector: { matchLabels = {} } }) => {
      const wanted = Object.entries(matchLabels);
      return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
    });
    expect(own.length).toBeGreaterThan(0);
  }
});

interface PolicySpec {
  readonly policyTypes: string[];
  readonly podSelector: { readonly matchLabels?: Record<string, string> };
}
interface WithTemplate {
  readonly template: { readonly metadata: { readonly labels: Record<string, string> } };
}

test("the service has no egress, because the model is in its image", () => {
  expect(only(manifests, "NetworkPolicy", "churn-model-production")).toMatchObject({ spec: { egress: [] } });
});

test("secrets are only in Secrets", () => {
  const words = ["token-of-these-tests", "word-of-a-test", "mlflow:word@"];
  const elsewhere = manifests.filter(({ kind }) => kind !== "Secret");
  for (const word of words) {
    expect(JSON.stringify(manifests)).toContain(word);
    expect(JSON.stringify(elsewhere)).not.toContain(word);
  }
});

test.each([
  ["hostNetwork", (pod: Pod) => ({ ...pod, hostNetwork: true })],
  ["privileged", (pod: Pod) => inContainer(pod, { privileged: true })],
  ["allowPrivilegeEscalation", (pod: Pod) => inContainer(pod, { allowPrivilegeEscalation: true })],
  ["capabilities", (pod: Pod) => inContainer(pod, { capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } })],
  ["capabilities", (pod: Pod) => inContainer(pod, { capabilities: {} })],
  ["runAsNonRoot", (pod: Pod) => inContainer(pod, { runAsNonRoot: false })],
  ["runAsUser=0", (pod: Pod) => inContainer(pod, { runAsUser: 0 })],
  ["seccompProfile", (pod: Pod) => ({ ...pod, securityContext: { runAsNonRoot: true } })],
  ["volume", (pod: Pod) => ({ ...pod, volumes: [{ name: "host", hostPath: { path: "/" } }] })],
])("the check finds %s", (control, spoil: (pod: Pod) => Pod) => {
  const pod = podSpecOf(only(manifests, "Deployment", "churn-model-production")) as Pod;
  expect(restrictedWarnings(pod)).toEqual([]);
  const found = restrictedWarnings(spoil(pod));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(control);
});

type Pod = Readonly<Record<string, unknown>>;
const inContainer = (pod: Pod, more: object): Pod => ({
  ...pod,
  containers: containersOf(pod).map((one) => ({
    ...one,
    securityContext: { ...(one.securityContext as object), ...more },
  })),
});
