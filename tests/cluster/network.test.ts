import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { kubectl, removeNamespace } from "./helpers/kubectl.ts";
import { missingForCluster } from "./helpers/missing.ts";
import { enforcesPolicies, fetchFrom, fetchFromFetcher, startFetcher } from "./helpers/pod-fetch.ts";
import { missingForStores, type Stores, startStores } from "./helpers/stores.ts";

const missing = [...missingForCluster(), ...missingForStores()];

describe.skipIf(missing.length > 0)(`NetworkPolicies (requires ${missing.join(", ") || "nothing more"})`, () => {
  const { timed } = figures();
  const suffix = randomBytes(3).toString("hex");
  const [closed, friend, stranger] = ["closed", "friend", "stranger"].map((name) => `${name}-${suffix}`) as [
    string,
    string,
    string,
  ];
  let enforced: boolean;
  let stores: Stores;
  let project: ClusterProject;

  beforeAll(async () => {
    await startFetcher(closed);
    await startFetcher(stranger);
    await startFetcher(friend, { "calls-models": suffix });
    enforced = await enforcesPolicies(closed, stranger);
    if (!enforced) return;
    stores = await startStores(`stores-${suffix}`);
    project = await makeClusterProject({ job: true });
    await project.set("staging", "mlflow.artifactRoot", stores.artifactRoot);
    await project.set("staging", "mlflow.s3Endpoint", stores.s3Endpoint);
    await project.set("staging", "mlflow.backendStoreUri", stores.databaseUri);
    await project.set("staging", "mlflowAwsAccessKeyId", stores.key.id);
    await project.set("staging", "mlflowAwsSecretAccessKey", stores.key.secret);
  });
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await stores?.[Symbol.asyncDispose]();
    for (const namespace of [closed, friend, stranger]) await removeNamespace(namespace);
  });

  const needsEnforcement = ({ skip }: TestContext) =>
    skip(!enforced, "this cluster's network does not enforce NetworkPolicies");
  const up = async (stack: string) => {
    const { exitCode, output } = await timed(`up ${stack}`, () => project.up(stack));
    expect(exitCode, output).toBe(0);
  };
  const mlflow = () => `http://mlflow.${project.namespace("staging")}.svc:5000/health`;
  const health = (environment: "staging" | "production") => `${project.inCluster(environment)}/health`;
  /** Returns a pod of the service, or of MLflow. */
  const podOf = async (environment: "staging" | "production", component: string) => {
    const selected = ["get", "pods", "--selector", `app.kubernetes.io/component=${component}`, "--output"];
    const first = "jsonpath={.items[0].metadata.name}";
    return kubectl(["--namespace", project.namespace(environment), ...selected, first]);
  };

  test("staging trains, gates and serves: the Job reaches MLflow, and MLflow its stores", async (context) => {
    needsEnforcement(context);
    // The bucket's Service port differs from its pods' port, which policies apply to.
    await project.set("staging", "kubernetes.network", { egressPorts: [9000] });
    await up("staging");
    expect(await project.served("staging")).toBe("1");
  });

  test("without configured callers, every pod may call the service, but none outside the namespace MLflow", async (context) => {
    needsEnforcement(context);
    for (const namespace of [friend, stranger]) {
      expect(await fetchFromFetcher(namespace, health("staging"))).toBe("200");
      expect(await fetchFromFetcher(namespace, mlflow())).toBe("none");
    }
  });

  test("with configured callers, only theirs may call, in production and staging", async (context) => {
    needsEnforcement(context);
    const callerNamespaces = [{ "calls-models": suffix }];
    await project.set("staging", "kubernetes.network", { egressPorts: [9000], callerNamespaces });
    await project.set("production", "kubernetes.network", { callerNamespaces });
    await project.set("production", "promotion.version", "1");
    await up("staging");
    await up("production");
    for (const url of [health("staging"), health("production"), mlflow()]) {
      expect(await fetchFromFetcher(friend, url), url).toBe("200");
      expect(await fetchFromFetcher(stranger, url), url).toBe("none");
    }
  });

  test("the service's pods call nothing, not even MLflow", async (context) => {
    needsEnforcement(context);
    const pod = await podOf("staging", "inference");
    expect(await fetchFrom(project.namespace("staging"), pod, mlflow())).toBe("none");
    expect(await fetchFrom(project.namespace("staging"), pod, health("production"))).toBe("none");
  });

  test("reaches the other environment's service if the config names it", async (context) => {
    needsEnforcement(context);
    await project.set("production", "service.otherUrl", project.inCluster("staging"));
    await project.set("staging", "kubernetes.network.callerNamespaces", [
      { "calls-models": suffix },
      { "kubernetes.io/metadata.name": project.namespace("production") },
    ]);
    await up("staging");
    await up("production");
    const pod = await podOf("production", "inference");
    expect(await fetchFrom(project.namespace("production"), pod, health("staging"))).toBe("200");
    expect(await fetchFrom(project.namespace("production"), pod, mlflow())).toBe("none");
  });

  test("still reads a canary's metrics through the API server", async (context) => {
    needsEnforcement(context);
    await project.set("staging", "canary", { percent: 25, seconds: 5, intervalSeconds: 1, minRequests: 1 });
    await project.set("staging", "training.params.C", 0.5);
    const { exitCode, output } = await timed("up staging, canary", () => project.up("staging"));
    // Without callers, the metrics can be read, but there are too few requests.
    expect(output).toMatch(/inconclusive/);
    expect(exitCode).not.toBe(0);
    expect(await project.served("staging")).toBe("1");
  });
});
