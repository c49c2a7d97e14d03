import { expect, onTestFinished, test, vi } from "vitest";
import { ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { json, type SeenRequest, serve } from "../../helpers/http-server.ts";
import { mockedKubernetes } from "./kubernetes-program.ts";
import { LiveCluster, template } from "./live-cluster.ts";
import { inputsOf, Stack } from "./rollout-stack.ts";

/** A registry with version 5 in Production that supports what a failure reads and writes. It may stop responding after a number of events. */
const registry = (created: string[], lostAfter = Number.POSITIVE_INFINITY, tags: object[] = []) =>
  serve(({ path, body }: SeenRequest, response) => {
    if (path.includes("runs/create")) created.push(body);
    else if (created.length >= lostAfter && path.includes("alias"))
      return json(response, { error_code: "X", message: "no" }, 400);
    const [, asked] = /model-versions\/get\?.*version=(\d+)/.exec(path) ?? [];
    if (asked !== undefined) return json(response, { model_version: { name: "m", version: asked, tags } });
    if (path.includes("model-versions/search")) return json(response, { model_versions: [] });
    if (path.includes("registered-models/alias")) return json(response, { model_version: { name: "m", version: "5" } });
    if (path.includes("get-by-name"))
      return json(response, { experiment: { experiment_id: "1", lifecycle_stage: "active" } });
    if (path.includes("runs/search")) return json(response, { runs: [] });
    json(response, { run: { info: { run_id: "e", experiment_id: "1", artifact_uri: "a" }, data: {} } });
  });

const failing = async (stack: Stack, version: string, url: string) => {
  stack.cluster.write({ template: template(version) });
  const record = { registry: { trackingUri: url }, environment: "production", modelName: "m", version, sha256: "s" };
  const ended = stack.up(inputsOf(version, { record }));
  return ended.then(
    () => expect.fail("it passed"),
    (error: Error) => error.message,
  );
};

test("a failed rollout is undone, reports the serving pods, and is recorded in the history", async () => {
  const created: string[] = [];
  await using server = await registry(created);
  const cluster = new LiveCluster("5");
  cluster.fails.add("4");
  const message = await failing(new Stack(cluster, "5"), "4", server.url);
  expect(message).toContain("Pods of the previous version that still serve: 2.");
  expect(message).toContain("Deployment churn is back on its previous pods (ReplicaSet churn-0)");
  expect(message).toMatch(/; the registry's Production is version 5\.$/);
  expect(cluster.live.spec.template).toEqual(template("5"));
  // Recorded before callers move, in case the update is killed.
  expect(created.map((body) => /"(attempt|failure)"/.exec(body)?.[1])).toEqual(["attempt", "failure"]);
  expect(created[1]).toContain("did not become available");
});

test("then the same version is tried again, and the previous one needs no change", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.fails.add("4");
  await failing(stack, "4", server.url);
  expect(await stack.preview(inputsOf("5"))).toEqual({
    changes: true,
    found: "it was changed and is not rolled out yet",
  });
  expect(await stack.preview(inputsOf("5"))).toEqual({ changes: false, found: undefined });
  cluster.fails.clear();
  // Pulumi's state already has version 4, so Pulumi writes nothing.
  await stack.up(inputsOf("4"));
  expect(cluster.version).toBe("4");
  expect(cluster.live.status.availableReplicas).toBe(2);
});

test("goes back to the pods of the last successful rollout, not of another failed attempt", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.write({ template: template("6") });
  await stack.up(inputsOf("6", { record: { registry: { trackingUri: server.url } } }));
  expect(stack.state.outs).toMatchObject({ replicaSet: "churn-1" });
  expect(stack.state.outs).not.toHaveProperty("record");
  cluster.write({ template: template("4") });
  cluster.settle();
  for (const [index, set] of cluster.sets.entries()) set.available = index === 2 ? 3 : 0;
  cluster.fails.add("4").add("3");
  expect(await failing(stack, "3", server.url)).toContain("back on its previous pods (ReplicaSet churn-1)");
  expect(cluster.version).toBe("6");
});

test("without former pods, pauses the Deployment and says that nothing serves", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  cluster.sets[0] = { template: template("5"), available: 0 };
  cluster.fails.add("4");
  const message = await failing(new Stack(cluster, "5"), "4", server.url);
  expect(message).toContain("No pod is available: nothing serves.");
  expect(message).toContain("has no previous pods that served, so it is paused; the next update resumes it");
  expect(cluster.live.spec).toMatchObject({ paused: true, template: template("4") });
});

test("if the rollback fails, the error has the manual command, even if the registry also refuses", async () => {
  const cluster = new LiveCluster("5");
  cluster.fails.add("4");
  cluster.refusesWrites = true;
  await using server = await registry([], 1);
  const message = await failing(new Stack(cluster, "5"), "4", server.url);
  expect(message).toContain("did not become available");
  expect(message).toContain(
    "could not be rolled back and may still have the new pods (kubectl replace: forbidden). Roll it back with: kubectl --namespace ml rollout undo",
  );
  expect(message).toContain("the failure could not be recorded in the history");
});

test("undoes pods of a version that was withdrawn in the meantime before callers reach them", async () => {
  await using server = await registry([], undefined, [{ key: "gate.withdrawn", value: "leaks names" }]);
  const cluster = new LiveCluster("5");
  cluster.fails.add("4");
  const message = await failing(new Stack(cluster, "5"), "4", server.url);
  expect(message).toContain("m version 4 does not go to production: it was withdrawn: leaks names");
  expect(message).toContain("Deployment churn is back on its previous pods (ReplicaSet churn-0)");
  expect(cluster.live.spec.template).toEqual(template("5"));
});

test("undoes pods before callers reach them if the registry cannot record the attempt", async () => {
  await using server = await serve((_request, response) =>
    json(response, { error_code: "PERMISSION_DENIED", message: "not yours" }, 403),
  );
  const cluster = new LiveCluster("5");
  cluster.fails.add("4");
  const message = await failing(new Stack(cluster, "5"), "4", server.url);
  expect(message).toContain("not yours");
  expect(message).toContain("Deployment churn is back on its previous pods (ReplicaSet churn-0)");
  expect(cluster.live.spec.template).toEqual(template("5"));
});

test("restores former pods while the registry is down", async () => {
  vi.stubEnv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const cluster = new LiveCluster("5");
  cluster.write({ replicas: 0 });
  const record = { registry: { trackingUri: "http://127.0.0.1:9" }, environment: "production", modelName: "m" };
  await new Stack(cluster, "5").up(inputsOf("5", { record: { ...record, version: "5", sha256: "s" } }));
  expect(cluster.live.spec.replicas).toBe(2);
});

test("a manual change during the rollout fails it at once, and stays", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  cluster.fails.add("4");
  const stack = new Stack(cluster, "5");
  // Like kubectl rollout undo, after the pods were compared.
  const undo = () => cluster.write({ template: template("5") });
  cluster.meanwhile = () => {
    cluster.meanwhile = undo;
  };
  const message = await failing(stack, "4", server.url);
  expect(message).toContain("Deployment churn in namespace ml was changed by someone else during its rollout");
  expect(message).toContain('image is "churn:5", not "churn:4"');
  expect(message).toContain("Deployment churn was changed by someone else and is left unchanged");
  expect(cluster.written).toEqual([]);
});

test("a Deployment that is scaled to 0 during its rollout fails, and gets its former pods back", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  cluster.meanwhile = () => {
    cluster.meanwhile = () => cluster.write({ replicas: 0 });
  };
  const stack = new Stack(cluster, "5");
  // Its former pods are gone as well; only the state has their number.
  Object.assign(stack.state.outs, { replicaSet: "churn-0" });
  const message = await failing(stack, "4", server.url);
  expect(message).toContain("it is scaled to 0 pods, so nothing serves; the program wants at least 2");
  expect(cluster.live.spec).toMatchObject({ replicas: 2, template: template("5") });
});

test("the error for a deleted Deployment or namespace says how to recreate it", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  const gone = new Stack(cluster, "5");
  cluster.get = async (path) => Promise.reject(new ClusterError(`kubectl get ${path}: not found`, "NotFound"));
  const message = await failing(gone, "4", server.url);
  expect(message).toContain("Deployment churn or namespace ml was deleted outside this stack");
  expect(message).toContain("To recreate it: pulumi up --refresh");
});

test("verified former pods that do not come back are not replaced by others", async () => {
  await using server = await registry([]);
  const cluster = new LiveCluster("5");
  const stack = new Stack(cluster, "5");
  cluster.fails.add("5");
  cluster.write({});
  expect(await failing(stack, "5", server.url)).not.toMatch(/former pods/);
  expect(cluster.live.spec).toMatchObject({ template: template("5") });
});

test("the service's rollout has the history's inputs; MLflow's does not", { timeout: 60_000 }, async () => {
  const { resource } = await mockedKubernetes({ environment: "production" });
  expect(resource("production-rollout").inputs.record).toMatchObject({
    registry: { trackingUri: "http://mlflow.example" },
    environment: "production",
    modelName: "churn-model",
    version: "7",
  });
  expect((await mockedKubernetes()).resource("mlflow-rollout").inputs).not.toHaveProperty("record");
});
