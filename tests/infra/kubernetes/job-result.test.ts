import { expect, test } from "vitest";
import { parseTrainerOutput } from "../../../infra/components/trainer-output.ts";
import { type ClusterApi, ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { provider, waitForJob } from "../../../infra/targets/kubernetes/job-result-provider.ts";

const JOB = { namespace: "ml", job: "churn-training-1", startSeconds: 60, deadlineSeconds: 60 };

/** A Job whose log grows by a line with every read, and which ends with the given result after the last. */
function clusterOf(log: string[], end: { type: string; message?: string }): ClusterApi {
  let looks = 0;
  const get = async (path: string) => {
    if (path.includes("/jobs/")) {
      looks++;
      const conditions = looks > log.length ? [{ status: "True", ...end }] : [];
      return JSON.stringify({ status: looks === 1 ? {} : { conditions } });
    }
    if (path.endsWith("/log"))
      return log
        .slice(0, looks)
        .map((line) => `${line}\n`)
        .join("");
    expect(path).toBe("/api/v1/namespaces/ml/pods?labelSelector=job-name%3Dchurn-training-1");
    return JSON.stringify({ items: looks === 1 ? [] : [{ metadata: { name: "churn-training-1-abcde" } }] });
  };
  return { get, put: () => Promise.reject(new Error("nothing is changed")) };
}

test("prints each line of the log once, and returns the trainer's result", async () => {
  const result = '{"run_id": "r1", "version": "4"}';
  // Both streams share one log, so messages at exit may follow the result.
  const log = ["fitting", "log loss 0.27", result, "bye"];
  const said: string[] = [];
  const stdout = await waitForJob(clusterOf(log, { type: "Complete" }), JOB, (line) => said.push(line), 1);
  expect(said).toEqual(log);
  expect(parseTrainerOutput(stdout)).toEqual({ runId: "r1", version: "4" });
});

test("the error for a deleted Job says how to train again", async () => {
  const get = async (path: string) => {
    throw new ClusterError(`kubectl get ${path}: not found`, "NotFound");
  };
  await expect(waitForJob({ get, put: async () => {} }, JOB, () => {}, 1)).rejects.toThrow(
    "training Job churn-training-1 in namespace ml was deleted, so its result is unknown. To train again: pulumi up --refresh",
  );
});

test("fails with the cluster's reason and the end of the log", async () => {
  const cluster = clusterOf(["fitting", "row 7: NaN"], {
    type: "Failed",
    message: "Job was active longer than specified deadline",
  });
  await expect(waitForJob(cluster, JOB, () => {}, 1)).rejects.toThrow(
    "training Job churn-training-1 failed: Job was active longer than specified deadline\nfitting\nrow 7: NaN",
  );
});

test.each([
  ["kubernetes.training.deadlineSeconds <seconds>", "Job was active longer than specified deadline", {}],
  [
    "kubernetes.training.memory <quantity>",
    "Job has reached the specified backoff limit",
    { containerStatuses: [{ state: { terminated: { reason: "OOMKilled", exitCode: 137 } } }] },
  ],
  [
    "kubernetes.training.cpu <cpus>",
    "Job was active longer than specified deadline",
    {
      conditions: [{ type: "PodScheduled", status: "False", message: "0/1 nodes are available: 1 Insufficient cpu." }],
    },
  ],
])("a failed Job names %s", async (key, message, status) => {
  const get = async (path: string) => {
    if (path.includes("/jobs/"))
      return JSON.stringify({ status: { conditions: [{ type: "Failed", status: "True", message }] } });
    if (path.endsWith("/log")) return "";
    return JSON.stringify({ items: [{ metadata: { name: "churn-training-1-abcde" }, status }] });
  };
  const cluster = { get, put: async () => {} };
  await expect(waitForJob(cluster, JOB, () => {}, 1)).rejects.toThrow(`pulumi config set --path ${key}`);
});

test("a deadline deletes the pod with its log; the error has the lines read before", async () => {
  let looks = 0;
  const get = async (path: string) => {
    if (path.includes("/jobs/")) {
      looks++;
      const failed = { type: "Failed", status: "True", message: "Job was active longer than specified deadline" };
      return JSON.stringify({ status: { conditions: looks > 1 ? [failed] : [] } });
    }
    if (path.endsWith("/log")) return "fitting\nstep 7\n";
    return JSON.stringify({ items: looks > 1 ? [] : [{ metadata: { name: "churn-training-1-abcde" } }] });
  };
  const cluster = { get, put: () => Promise.reject(new Error("nothing is changed")) };
  await expect(waitForJob(cluster, JOB, () => {}, 1)).rejects.toThrow(
    "training Job churn-training-1 failed: Job was active longer than specified deadline\nfitting\nstep 7",
  );
});

test.each([
  [
    { containerStatuses: [{ state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } }] },
    "pod churn-training-1-abcde does not run: ImagePullBackOff: not found",
  ],
  [
    { conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] },
    "pod churn-training-1-abcde does not run: 0/3 nodes are available",
  ],
])("says once why the pod does not run: %j", async (status, line) => {
  let looks = 0;
  const get = async (path: string) => {
    if (path.includes("/jobs/")) {
      looks++;
      const failed = { type: "Failed", status: "True", message: "too long" };
      return JSON.stringify({ status: { conditions: looks > 3 ? [failed] : [] } });
    }
    if (path.endsWith("/log")) throw new Error("the container is waiting to start");
    return JSON.stringify({ items: looks > 3 ? [] : [{ metadata: { name: "churn-training-1-abcde" }, status }] });
  };
  const said: string[] = [];
  const ended = waitForJob({ get, put: async () => {} }, JOB, (one) => said.push(one), 1);
  await expect(ended).rejects.toThrow(`too long\n${line}`);
  expect(said).toEqual([line]);
});

test("rejects a trainer that prints no result, with its output", async () => {
  const stdout = await waitForJob(clusterOf(["done"], { type: "Complete" }), JOB, () => {}, 1);
  expect(() => parseTrainerOutput(stdout)).toThrow("but was: done");
});

test.each([
  ["the same Job", { uid: "1" }, { uid: "1" }, false],
  ["a Job of that name that was created again, as by a refresh after it was deleted", { uid: "1" }, { uid: "2" }, true],
  ["a Job of which an earlier release kept no uid", {}, { uid: "2" }, false],
  ["another Job", { uid: "1" }, { uid: "2", job: "churn-training-2" }, true],
])("the result is waited for again: %s", async (_what, olds, news, changes) => {
  expect(await provider.diff("id", { ...JOB, ...olds }, { ...JOB, ...news })).toEqual({ changes });
});
