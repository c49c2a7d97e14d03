import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import { type ClusterApi, isMissing, kubectlApi, retryWhileUnavailable } from "./cluster-api.ts";
import { conditions, type Pod, podProblem } from "./pod-problems.ts";
import { podsBy, whyNotRunning } from "./pod-report.ts";
import { settingHints } from "./setting-hints.ts";

export interface JobResultInputs {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly job: string;
  /** Uid of the Job, which changes when it is recreated. Absent in the state of earlier releases. */
  readonly uid?: string;
  /** Time limit to pull the image and find a node; after that, the Job's own deadline applies. */
  readonly startSeconds: number;
  readonly deadlineSeconds: number;
}

const POLL_MS = 2000;
const LAST_LINES = 15;

const job = z.object({
  status: z.object({ conditions, active: z.int().default(0), ready: z.int().default(0) }).prefault({}),
});

/**
 * Waits for a Job to finish, and reports its log and what delays it.
 * @returns the line with the trainer's result, or the whole log if there is none: a pod's log mixes both streams
 * @throws Error with the cluster's reason and the log's last lines if the Job fails or its deadline passes
 */
export async function waitForJob(
  api: ClusterApi,
  { namespace, job: name, startSeconds, deadlineSeconds }: JobResultInputs,
  report: (line: string) => void,
  pollMs = POLL_MS,
): Promise<string> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
  let lines: string[] = [];
  let stuck: string | undefined;
  const begin = Date.now();
  let started = false;
  for (; ; await sleep(pollMs)) {
    const found = await retryWhileUnavailable(() => api.get(path)).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
      throw new Error(
        `training Job ${name} in namespace ${namespace} was deleted, so its result is unknown. ` +
          "To train again: pulumi up --refresh",
        { cause },
      );
    });
    const { conditions } = job.parse(JSON.parse(found)).status;
    const pods = await retryWhileUnavailable(() => podsBy(api, namespace, `job-name=${name}`));
    const pod = pods.at(-1);
    const log = pod ? await logOf(api, namespace, pod) : [];
    for (const line of log.slice(lines.length)) report(line);
    // A Job loses its pod, and with it the log, when its deadline passes.
    if (log.length > lines.length) lines = log;
    started ||=
      lines.length > 0 || pod?.status.containerStatuses.some(({ state }) => state.running || state.terminated) === true;
    const stuckNow = pod ? podProblem(pod) : stuck;
    if (stuckNow !== undefined && stuckNow !== stuck) report(stuckNow);
    stuck = stuckNow;
    const is = (type: string) => conditions.find((one) => one.type === type && one.status === "True");
    if (is("Complete")) return lines.findLast((line) => /^\{.*"run_id"/.test(line)) ?? lines.join("\n");
    const lastLines = [...lines.slice(-LAST_LINES), ...(stuck === undefined ? [] : [stuck])];
    const failed = is("Failed");
    if (failed) {
      const ends = pods.flatMap(({ status }) =>
        status.containerStatuses.flatMap(({ state }) => state.terminated?.reason ?? []),
      );
      const reasons = [failed.message, ...(stuck === undefined ? [] : [stuck]), ...ends];
      const hints = settingHints(reasons, { part: "training", namespace, claims: [] });
      throw jobError(name, failed.message, [...lastLines, ...hints]);
    }
    const limit = started ? startSeconds + deadlineSeconds : startSeconds;
    if (Date.now() - begin <= limit * 1000) continue;
    const why = await whyNotRunning(api, { namespace, names: [name], conditions, pods, part: "training" });
    throw jobError(name, started ? `not finished after ${limit} s` : `its pod did not start within ${limit} s`, [
      ...new Set([...lastLines, ...why]),
    ]);
  }
}

const jobError = (name: string, reason: string, lines: readonly string[]) =>
  new Error(`training Job ${name} failed: ${reason}\n${lines.join("\n") || "(its log is empty)"}`);

/** Returns complete lines; none before its container has started. */
async function logOf(api: ClusterApi, namespace: string, { metadata }: Pod): Promise<string[]> {
  const log = await api.get(`/api/v1/namespaces/${namespace}/pods/${metadata.name}/log`).catch(() => "");
  return log.split("\n").slice(0, -1);
}

export const provider = defineProvider({
  async diff(_id: string, olds: JobResultInputs, news: JobResultInputs) {
    const isRecreated = olds.uid !== undefined && olds.uid !== news.uid;
    return { changes: isRecreated || changedInputs(olds, news, ["namespace", "job"]).length > 0 };
  },
  async create(inputs: JobResultInputs) {
    return { id: inputs.job, outs: { ...inputs, stdout: await resultOf(inputs) } };
  },
  async update(_id: string, _olds: JobResultInputs, news: JobResultInputs) {
    return { outs: { ...news, stdout: await resultOf(news) } };
  },
  async delete() {
    // The Job is a separate resource.
  },
});

const resultOf = (inputs: JobResultInputs) => waitForJob(kubectlApi(inputs), inputs, (line) => console.error(line));
