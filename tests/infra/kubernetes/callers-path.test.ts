/** Pods that get callers' requests although the program does not describe them. */
import { expect, test } from "vitest";
import { mockedKubernetes } from "./kubernetes-program.ts";
import { LiveCluster, template } from "./live-cluster.ts";
import { ROUTED } from "./render.ts";
import { inputsOf, Stack } from "./rollout-stack.ts";

const CALLERS = { service: "churn", pods: "app=churn" };
const TRIED = { ...CALLERS, canary: "churn-canary", route: "churn" };
const READY = { conditions: [{ type: "Ready", status: "True" }] };

const pod = (
  name: string,
  track: string | undefined,
  more: { readonly owner?: string; readonly status?: object } = {},
) => ({
  metadata: {
    name,
    labels: { app: "churn", ...(track !== undefined && { track }) },
    ownerReferences: more.owner === undefined ? [] : [{ name: more.owner }],
  },
  spec: { containers: [{ image: "churn:3" }] },
  status: more.status ?? READY,
});

/** Creates a stack at version 5, and the inputs of its next update. */
function stackWith(callers: object, version = "5") {
  const cluster = new LiveCluster("5");
  return { cluster, stack: new Stack(cluster, "5"), news: inputsOf(version, { callers }) };
}

test("a pod that was relabelled manually is named in a preview, and fails the update with both remedies", async () => {
  const { cluster, stack, news } = stackWith(CALLERS);
  cluster.pods = [pod("churn-0-a", "stable", { owner: "churn-0" }), pod("churn-0-b", "debug")];
  const found =
    "pod churn-0-b (track debug, image churn:3) receives callers' requests but does not belong to Deployment churn";
  expect(await stack.preview(news)).toEqual({ changes: true, found });
  await expect(stack.up(news)).rejects.toThrow(
    `${found}\nDelete what is not needed: kubectl --namespace ml delete pod churn-0-b. To keep it for inspection ` +
      "without callers: kubectl --namespace ml label pod churn-0-b app.kubernetes.io/component-",
  );
  cluster.pods = [pod("churn-0-a", "stable", { owner: "churn-0" })];
  expect((await stack.preview(news)).found).toBeUndefined();
});

test("an update to other pods also fails, because callers would get two versions", async () => {
  const { cluster, stack, news } = stackWith(CALLERS, "6");
  cluster.write({ template: template("6") });
  cluster.pods = [pod("by-hand", undefined)];
  await expect(stack.up(news)).rejects.toThrow("pod by-hand (track none, image churn:3) receives callers' requests");
});

test.each([
  ["is not ready", pod("a", "debug", { status: {} })],
  ["is of the canary that is configured", pod("a", "canary", { owner: "churn-canary-1" })],
  ["is of former pods that still stop", pod("a", "stable", { owner: "churn-0" })],
])("a pod that %s is not a stray", async (_, seen) => {
  const { cluster, stack, news } = stackWith(TRIED);
  cluster.canary = { replicas: 0, weight: 0 };
  cluster.pods = [seen];
  expect((await stack.preview(news)).found).toBeUndefined();
});

test("a pod that only has the canary's label is a stray", async () => {
  const { cluster, stack, news } = stackWith(TRIED);
  cluster.canary = { replicas: 0, weight: 0 };
  cluster.pods = [pod("by-hand", "canary")];
  expect((await stack.preview(news)).found).toContain("pod by-hand (track canary");
});

test("a changed selector of the Service is named and restored", async () => {
  const { cluster, stack, news } = stackWith(CALLERS);
  cluster.selector = { app: "other" };
  const found = "Service churn selects the pods app=other, not app=churn";
  expect(await stack.preview(news)).toEqual({ changes: true, found });
  await stack.up(news);
  expect(cluster.selector).toEqual({ app: "churn" });
  expect((await stack.preview(news)).found).toBeUndefined();
});

test("pods of a canary that the config no longer has are strays", async () => {
  const { cluster, stack, news } = stackWith(CALLERS);
  cluster.pods = [pod("a", "canary", { owner: "churn-canary-1" })];
  expect((await stack.preview(news)).found).toContain("pod a (track canary");
});

test("a canary left from a killed update is named and scaled to 0", async () => {
  const { cluster, stack, news } = stackWith(TRIED);
  cluster.canary = { replicas: 2, weight: 25 };
  const found = "HTTPRoute churn sends 25 % of the requests to the canary although no trial is running";
  expect(await stack.preview(news)).toEqual({ changes: true, found });
  await stack.up(news);
  expect(cluster.canary).toEqual({ replicas: 0, weight: 0 });
  expect(await stack.preview(news)).toEqual({ changes: false, found: undefined });
});

test("a canary that was scaled up manually is named and scaled to 0", async () => {
  const { cluster, stack, news } = stackWith({ ...CALLERS, canary: "churn-canary" });
  cluster.canary = { replicas: 2, weight: 0 };
  expect((await stack.preview(news)).found).toBe("the canary has 2 pods although no trial is running");
  await stack.up(news);
  expect(cluster.canary.replicas).toBe(0);
});

test("a canary that does not exist yet is ignored", async () => {
  const { stack, news } = stackWith(TRIED);
  expect((await stack.preview(news)).found).toBeUndefined();
});

test("the program passes its Service's selector, with and without a Gateway", { timeout: 60_000 }, async () => {
  const service = "churn-model-staging";
  const selected = "app.kubernetes.io/instance=churn-model-staging,app.kubernetes.io/component=inference";
  const { resource } = await mockedKubernetes();
  expect(resource("staging-rollout").inputs.callers).toEqual({ service, pods: selected });
  expect(resource("mlflow-rollout").inputs).not.toHaveProperty("callers");
  const canary = await mockedKubernetes({ settings: { canary: { percent: 25 } } });
  expect(canary.resource("staging-rollout").inputs.callers).toEqual({
    service,
    pods: selected,
    canary: "churn-model-staging-canary",
  });
  const { kubernetes } = ROUTED;
  const routed = await mockedKubernetes({ settings: { canary: { percent: 25 } }, kubernetes });
  expect(routed.resource("staging-rollout").inputs.callers).toEqual({
    service,
    pods: `${selected},track=stable`,
    canary: "churn-model-staging-canary",
    route: "churn-model-staging",
  });
});
