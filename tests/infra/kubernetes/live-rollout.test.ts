import { expect, test } from "vitest";
import { ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { rolloutProblem } from "../../../infra/targets/kubernetes/live-deployment.ts";
import { rolloutProvider } from "../../../infra/targets/kubernetes/rollout-provider.ts";
import { mockedKubernetes } from "./kubernetes-program.ts";
import { LiveCluster, template } from "./live-cluster.ts";
import { askedOf, EVERYTHING, ROUTED } from "./render.ts";
import { inputsOf, Stack } from "./rollout-stack.ts";

const VARIABLES = [{ name: "MODEL_VERSION", value: "5" }];

test("after a failed rollout, waits for the previous version although the state still has it", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.fails.add("4");
  cluster.write({ template: template("4") });
  await expect(stack.up(inputsOf("4"))).rejects.toThrow("did not become available");
  cluster.write({ template: template("5") });
  expect(await stack.preview(inputsOf("5"))).toEqual({
    changes: true,
    found: "it was changed and is not rolled out yet",
  });
  cluster.write({ template: template("5") });
  cluster.fails.add("5");
  await expect(stack.up(inputsOf("5"))).rejects.toThrow("did not become available");
  cluster.fails.delete("5");
  cluster.write({});
  await stack.up(inputsOf("5"));
  expect(stack.state.outs.completed).toMatch(/^\d{4}-/);
  expect(stack.updates).toBe(3);
});

test("a second update without changes reads once and does nothing", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  for (const _ of [1, 2, 3]) await stack.up(inputsOf("5"));
  expect({ updates: stack.updates, written: cluster.written.length, looks: cluster.looks }).toEqual({
    updates: 0,
    written: 0,
    looks: 3,
  });
});

test("a state of an earlier release, without the pod template, shows no change", async () => {
  const stack = new Stack(new LiveCluster("5"), "5");
  const { template: _template, replicas: _replicas, ...earlier } = inputsOf("5");
  stack.state = { inputs: earlier, outs: earlier };
  expect(await stack.preview(inputsOf("5"))).toEqual({ changes: false, found: undefined });
});

test("pods that an autoscaler has just added are not a change", async () => {
  const cluster = new LiveCluster("5");
  cluster.write({ replicas: 4 });
  cluster.settle();
  cluster.live.status = { ...cluster.live.status, availableReplicas: 2 };
  expect(await new Stack(cluster, "5").preview(inputsOf("5"))).toEqual({ changes: false, found: undefined });
});

test("detects, names and restores manually changed pods, and waits for them", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.write({ template: template("3") });
  cluster.settle();
  const { changes, found } = await stack.preview(inputsOf("5"));
  expect(changes).toBe(true);
  expect(found).toBe('its pods differ from the program: spec.containers[service].image is "churn:3", not "churn:5"');
  await stack.up(inputsOf("5"));
  expect(cluster.version).toBe("5");
  expect(await stack.preview(inputsOf("5"))).toEqual({ changes: false, found: undefined });
});

test.each([
  ["a default that the API server fills in", {}, { terminationMessagePath: "/dev/termination-log" }],
  ["a quantity that it writes in another way", { cpu: "0.5", memory: "1024Mi" }, { cpu: "500m", memory: "1Gi" }],
  ["what is empty and left out", { empty: "", none: undefined }, {}],
])("%s does not count as a change", async (_, wanted, seen) => {
  const cluster = new LiveCluster("5");
  cluster.write({ template: template("5", seen) });
  cluster.settle();
  const stack = new Stack(cluster, "5");
  expect((await stack.preview(inputsOf("5", { template: template("5", wanted) }))).found).toBeUndefined();
});

test.each([
  ["image", { image: "other" }, 'spec.containers[service].image is "other", not "churn:5"'],
  ["a variable", { env: [{ name: "MODEL_VERSION", value: "3" }] }, "env[MODEL_VERSION].value"],
  ["a variable that is gone", { env: [] }, "env[MODEL_VERSION] is nothing"],
  [
    "a variable of which a second one counts",
    { env: [...VARIABLES, { name: "MODEL_VERSION", value: "3" }] },
    "spec.containers[service].env[MODEL_VERSION] is set 2 times",
  ],
  [
    "a command",
    { command: ["sleep"] },
    'spec.containers[service].command is ["sleep"], which the program does not set',
  ],
  ["arguments", { args: ["--debug"] }, "args is"],
  ["variables from elsewhere", { envFrom: [{ configMapRef: { name: "x" } }] }, "envFrom is"],
  [
    "a variable that is added",
    { env: [...VARIABLES, { name: "API_TOKEN" }] },
    'env has {"name":"API_TOKEN"}, which the',
  ],
  ["a mount", { volumeMounts: [{ name: "x", mountPath: "/app" }] }, "volumeMounts is"],
  ["a hook", { lifecycle: { postStart: { exec: {} } } }, "lifecycle is"],
])("%s that differs is a change", async (_, seen, text) => {
  const cluster = new LiveCluster("5");
  cluster.write({ template: template("5", seen) });
  cluster.settle();
  expect((await new Stack(cluster, "5").preview(inputsOf("5"))).found).toContain(text);
});

test("a second mount of the program's volume and an init container are changes; a sidecar is not", async () => {
  const mounts = [{ name: "tmp", mountPath: "/tmp" }];
  const found = async (live: object, more: object = {}) => {
    const cluster = new LiveCluster("5");
    const seen = template("5", live);
    cluster.write({ template: { ...seen, spec: { ...seen.spec, ...more } } });
    cluster.settle();
    const news = inputsOf("5", { template: template("5", { volumeMounts: mounts }) });
    return (await new Stack(cluster, "5").preview(news)).found;
  };
  const second = { name: "tmp", mountPath: "/app" };
  expect(await found({ volumeMounts: [...mounts, second] })).toContain('volumeMounts has {"name":"tmp"');
  expect(await found({ volumeMounts: mounts }, { initContainers: [{ name: "x" }] })).toContain("initContainers is");
  const containers = [...template("5", { volumeMounts: mounts }).spec.containers, { name: "proxy", image: "p" }];
  expect(await found({ volumeMounts: mounts }, { containers })).toBeUndefined();
});

test("a second hook beside the program's is a change", async () => {
  const cluster = new LiveCluster("5");
  const preStop = { sleep: { seconds: 5 } };
  cluster.write({ template: template("5", { lifecycle: { preStop, postStart: { exec: { command: ["x"] } } } }) });
  cluster.settle();
  const news = inputsOf("5", { template: template("5", { lifecycle: { preStop } }) });
  expect((await new Stack(cluster, "5").preview(news)).found).toContain("lifecycle.postStart is");
});

test("a preview without a cluster, or with unknown inputs, sends no request", async () => {
  const silent = { get: () => Promise.reject(new ClusterError("no route to host")), put: () => Promise.reject() };
  const news = inputsOf("5");
  expect(await rolloutProvider(() => silent).check(news, news)).toEqual({ inputs: news });
  const unknown = { ...news, pods: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
  const never = { get: () => expect.fail("asked"), put: () => Promise.reject() };
  expect(await rolloutProvider(() => never).check(unknown, unknown)).toEqual({ inputs: unknown });
});

test("the deployment check runs again after every wait for pods, except with a state of an earlier release", {
  timeout: 60_000,
}, async () => {
  const instance = async (rollout: Readonly<Record<string, unknown>>) =>
    (await mockedKubernetes({ answers: { "staging-rollout": rollout } })).resource("staging-check").inputs.instance;
  const [earlier, first, second] = [
    await instance({}),
    await instance({ completed: "1" }),
    await instance({ completed: "2" }),
  ];
  expect(first).toBe(`${earlier}:1`);
  expect(second).toBe(`${earlier}:2`);
  // In a preview.
  expect(await instance({ completed: "1", found: "it is scaled to 0" })).not.toBe(first);
});

test("detects a Deployment at 0 pods, scales it to the minimum, and waits for it", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.write({ replicas: 0 });
  cluster.settle();
  const off = { changes: true, found: "it is scaled to 0 pods, so nothing serves; the program wants at least 2" };
  expect(await stack.preview(inputsOf("5"))).toEqual(off);
  await stack.up(inputsOf("5"));
  expect(cluster.live.spec.replicas).toBe(2);
  expect(await stack.preview(inputsOf("5"))).toEqual({ changes: false, found: undefined });
});

test("detects a single-writer server that was scaled up, and scales it back", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.write({ replicas: 3 });
  cluster.settle();
  expect((await stack.preview(inputsOf("5"))).found).toBeUndefined();
  const news = inputsOf("5", { isFixed: true });
  expect((await stack.preview(news)).found).toBe("it is scaled to 3 pods; the program wants 2");
  await stack.up(news);
  expect(cluster.live.spec.replicas).toBe(2);
});

test("keeps the autoscaler's number of pods, also when the pods are restored", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.write({ replicas: 5, template: template("3") });
  cluster.settle();
  await stack.up(inputsOf("5"));
  expect(cluster.live.spec).toMatchObject({ replicas: 5, template: template("5") });
});

test("waits if no pod is available, and fails the update if none becomes available", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.fails.add("5");
  cluster.settle();
  expect(await stack.preview(inputsOf("5"))).toEqual({ changes: true, found: "none of its 2 pods is available" });
  await expect(stack.up(inputsOf("5"))).rejects.toThrow("0 of 2 new pods are available");
});

test("resumes a paused Deployment", async () => {
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.write({ paused: true });
  cluster.settle();
  expect((await stack.preview(inputsOf("5"))).found).toBe("it is paused");
  await stack.up(inputsOf("5"));
  expect(cluster.live.spec.paused).toBe(false);
});

test("the program requests the autoscaler's minimum for the service, and one pod for MLflow", {
  timeout: 60_000,
}, async () => {
  const { resource } = await mockedKubernetes({ kubernetes: { service: { minReplicas: 3 } } });
  expect(resource("staging-rollout").inputs.replicas).toBe(3);
  expect(resource("mlflow-rollout").inputs).toMatchObject({ replicas: 1, isFixed: true });
  expect(resource("staging-rollout").inputs.template).toEqual(
    (resource("staging-stable").inputs.spec as { template: object }).template,
  );
});

test("no Deployment of the program differs from itself, with any options", { timeout: 60_000 }, async () => {
  let seen = 0;
  for (const options of [EVERYTHING, ROUTED, {}])
    for (const { type, name, inputs } of await askedOf(options)) {
      if (!type.endsWith(":Deployment")) continue;
      seen++;
      const spec = JSON.parse(JSON.stringify(inputs.spec));
      const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
      const live = { metadata: { generation: 1 }, spec, status: { ...status, conditions: [] } };
      expect(rolloutProblem(live, { template: (inputs.spec as { template: object }).template }), name).toBeUndefined();
    }
  expect(seen).toBeGreaterThan(5);
});
