import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { provider } from "../../infra/targets/kubernetes/canary/canary-analysis-provider.ts";
import { type Outcome, runTrial } from "../../infra/targets/kubernetes/canary/trial.ts";
import {
  type ClusterApi,
  ClusterError,
  kubectlApi,
  refusalOfAnswer,
} from "../../infra/targets/kubernetes/cluster-api.ts";
import { limitCpu, missingCpuLimit } from "../helpers/cpu-limit.ts";
import { missingProgram, testNeeding } from "../helpers/test-needing.ts";
import { FakeCluster } from "../infra/canary/fake-cluster.ts";
import { testModel } from "../service/helpers/test-model.ts";

// Real service processes and real requests; the cluster's API is a small server that starts and ends them.
const testWithKubectl = testNeeding(
  missingProgram("kubectl", ["version", "--client"], "install it: https://kubernetes.io/docs/tasks/tools"),
);
const testWithLimit = testNeeding(await missingCpuLimit(), { alsoInCi: false });
const FAULTY = join(import.meta.dirname, "../infra/canary/faulty-service.ts");

let model: Awaited<ReturnType<typeof testModel>>;
let folder: string;
let cluster: FakeCluster;
let api: ClusterApi;
let kubeconfig: string;
let load: ReturnType<typeof callers>;

beforeAll(async () => {
  model = await testModel();
  folder = await mkdtemp(join(tmpdir(), "canary-"));
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  cluster = new FakeCluster();
  kubeconfig = join(folder, `kubeconfig-${Math.random()}`);
  await cluster.listen(kubeconfig);
  api = await httpApi(kubeconfig);
  cluster.deploy("churn", "stable", () => startService("none"));
  await cluster.scale("churn", 2);
  load = callers();
});
afterEach(async () => {
  await load.stop();
  await cluster.close();
});

/** @param cpus a limit of its CPU, as a container's */
async function startService(fault: string, cpus?: number) {
  const env = { PATH: process.env.PATH ?? "", MODEL_URI: model.folder, FAULT: fault };
  const limited = cpus === undefined ? undefined : limitCpu(cpus);
  const command = `${limited?.enter ?? ":"}; exec "$0" "$1"`;
  const child = spawn("/bin/sh", ["-c", command, process.execPath, FAULTY], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const [line] = await Promise.race([once(child.stdout, "data"), ended.then(() => ["{}"])]);
  const { listening: url } = JSON.parse(String(line)) as { listening?: string };
  if (!url) throw new Error(`${FAULTY} with ${fault} did not start`);
  const dispose = async () => {
    child.kill("SIGKILL");
    await ended;
    await limited?.[Symbol.asyncDispose]();
  };
  return { url, [Symbol.asyncDispose]: dispose };
}

/** Callers that go to every pod in turn, or by the route's weights, until they are stopped. */
function callers() {
  let running = true;
  const failed = { stable: 0 };
  const one = async (seed: number) => {
    for (let turn = seed; running; turn++) {
      const stable = cluster.urls("stable");
      const canary = cluster.urls("canary");
      const all = [...stable, ...canary];
      const url = all[turn % all.length] as string;
      const x = (turn * 0.37) % 2;
      const body = JSON.stringify({ features: [[x - 1, 1 - x, x / 4]] });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/predict`, { method: "POST", body, headers }).catch(() => undefined);
      await answer?.arrayBuffer();
      if (stable.includes(url) && !answer?.ok) failed.stable++;
      await new Promise((done) => setTimeout(done, 5));
    }
  };
  const all = Promise.all([0, 1, 2, 3, 4, 5].map(one));
  const stop = async () => {
    running = false;
    await all;
  };
  return { failed, stop };
}

const settings = () => ({
  kubeconfig,
  namespace: "ml",
  stable: "churn",
  canary: "churn-canary",
  port: 8000,
  percent: 33,
  stablePods: "track=stable",
  canaryPods: "track=canary",
  seconds: 5,
  readySeconds: 60,
  intervalSeconds: 1,
  // Wide enough for a machine that does other work, narrow enough for the faults.
  errorRateMargin: 0.05,
  latencyFactor: 1.5,
  latencyFloorMs: 75,
  predictionMargin: 0.15,
  minRequests: 50,
});

const CANDIDATE = { image: `churn@sha256:${"a".repeat(64)}`, version: "2", sha256: "b".repeat(64) };

async function trialOf(fault: string, more: object = {}): Promise<Outcome> {
  cluster.deploy("churn-canary", "canary", () => startService(fault));
  return runTrial(api, { ...settings(), candidate: CANDIDATE, ...more }, () => {});
}
const failedChecks = ({ findings }: Outcome) =>
  findings.filter((finding) => finding.endsWith("(fail)")).map((finding) => finding.split(":")[0]);

test("a good canary passes; it gets its share for the time and is gone afterwards", async () => {
  const outcome = await trialOf("none", { seconds: 10 });
  expect(outcome.verdict, outcome.findings.join("\n")).toBe("pass");
  expect(cluster.changes).toEqual(["scale churn-canary 1", "scale churn-canary 0"]);
  expect(load.failed.stable).toBe(0);
});

test.each([
  ["slow", "latency"],
  ["wrong", "predictions"],
  ["failing", "errors"],
  ["stalled", "reach"],
])("a %s one fails by %s, is scaled to 0, and the stable pods never notice", async (fault, check) => {
  const outcome = await trialOf(fault, { seconds: 20 });
  if (fault === "stalled" && outcome.findings.some((finding) => finding.includes("their node was busy"))) {
    // Chance then weighs more than the stalls.
    expect(outcome.verdict, outcome.findings.join("\n")).not.toBe("pass");
    return;
  }
  expect(outcome.verdict, outcome.findings.join("\n")).toBe("fail");
  // A predictor that is slow also keeps the probes waiting.
  expect(failedChecks(outcome).filter((failed) => fault !== "slow" || failed !== "reach")).toEqual([check]);
  expect(cluster.urls("canary")).toEqual([]);
  expect(cluster.urls("stable")).toHaveLength(2);
  expect(load.failed.stable).toBe(0);
});

/** Processes that take all CPUs of this machine. */
function busyMachine(): Disposable {
  const spinning = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  return { [Symbol.dispose]: () => spinning.forEach((child) => void child.kill("SIGKILL")) };
}

testWithLimit(
  "a canary whose CPU is throttled fails, although the machine is busy, and the finding says that it is throttled",
  {},
  async () => {
    await cluster.scale("churn", 0);
    cluster.deploy("churn", "stable", () => startService("none", 1));
    await cluster.scale("churn", 2);
    cluster.deploy("churn-canary", "canary", () => startService("none", 0.03));
    using _ = busyMachine();
    const strict = { latencyFloorMs: 5, seconds: 20, minRequests: 30, candidate: CANDIDATE };
    const outcome = await runTrial(api, { ...settings(), ...strict }, () => {});
    const findings = outcome.findings.join("\n");
    // Its latency may fail it in an early look, before throttling has the rounds that it needs.
    expect(outcome.verdict, findings).toBe("fail");
    expect(findings).toMatch(/^throttling: CPU throttled in [\d.]+ % of its periods, .*\((fail|inconclusive)\)$/m);
  },
);

test("without enough requests it is inconclusive, which does not pass", async () => {
  const outcome = await trialOf("none", { seconds: 1, minRequests: 100_000 });
  expect(outcome.verdict).toBe("inconclusive");
  expect(cluster.urls("canary")).toEqual([]);
});

test("by a route: the canary's weight goes up for the trial and back to 0 before its pods go", async () => {
  await trialOf("none", { route: "churn", percent: 20, seconds: 1 });
  expect(cluster.changes).toEqual(["scale churn-canary 1", "route 80/20", "route 100/0", "scale churn-canary 0"]);
});

test("without a ready stable pod the trial is inconclusive; without a Deployment there is nothing to compare with", async () => {
  await cluster.scale("churn", 0);
  await load.stop();
  expect(await trialOf("none", { readySeconds: 2 })).toEqual({
    verdict: "inconclusive",
    findings: [expect.stringMatching(/^no pod of Deployment churn in namespace ml became ready within 2 s/)],
  });
  expect(await trialOf("none", { stable: "absent" })).toEqual({
    verdict: "pass",
    findings: ["no version serves yet, so there is nothing to compare with"],
  });
  expect(cluster.changes).toEqual([]);
});

test("a canary that does not start leaves nothing behind", async () => {
  await expect(trialOf("no such fault")).rejects.toThrow("did not start");
  expect(cluster.changes).toEqual(["scale churn-canary 1", "scale churn-canary 0"]);
});

// kubectl signs in to real clusters; here it is the real one against the small server.
testWithKubectl("by kubectl: the resource fails the update with every finding", {}, async () => {
  cluster.deploy("churn-canary", "canary", () => startService("wrong"));
  const refused = provider.create({ ...settings(), seconds: 8, candidate: CANDIDATE });
  await expect(refused).rejects.toThrow(
    /^the canary of version 2 did not pass \(fail\): it is worse than the version that serves\n {2}- traffic: .*\n {2}- errors: [\s\S]*predictions: class . canary .* \(fail\)\nchurn-canary is scaled to 0; the stable pods are unchanged$/,
  );
  expect(cluster.urls("canary")).toEqual([]);
});

testWithKubectl("kubectl: a missing object differs from one that cannot be read", {}, async () => {
  const byKubectl = kubectlApi({ kubeconfig });
  await expect(byKubectl.get("/apis/apps/v1/namespaces/ml/deployments/none")).rejects.toMatchObject({
    refusal: "NotFound",
  });
  await cluster.close();
  await expect(byKubectl.get("/apis/apps/v1/namespaces/ml/deployments/churn")).rejects.toMatchObject({
    refusal: undefined,
  });
});

/** A cluster API over plain HTTP without authentication, for machines without kubectl. */
async function httpApi(kubeconfig: string): Promise<ClusterApi> {
  const server: string = parse(await readFile(kubeconfig, "utf8")).clusters[0].cluster.server;
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${server}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new ClusterError(`${path}: ${text}`, refusalOfAnswer(response.status, text));
    return text;
  };
  return {
    get: (path) => ask(path),
    put: async (path, body) => void (await ask(path, { method: "PUT", body: JSON.stringify(body) })),
  };
}
