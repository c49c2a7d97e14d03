import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { type ClusterApi, kubectlApi } from "./cluster-api.ts";

export interface JobResultInputs {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly job: string;
  readonly deadlineSeconds: number;
}

const POLL_MS = 2000;
/** For the image to be pulled and a node to be found. */
const START_SECONDS = 600;
const LAST_LINES = 15;

const condition = z.object({ type: z.string(), status: z.string(), message: z.string().default("") });
const job = z.object({ status: z.object({ conditions: z.array(condition).default([]) }).prefault({}) });
const podList = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/**
 * Waits for a Job's end, saying its log as it grows.
 * @returns the line with the trainer's result, or all of the log when there is none: a pod's log has both streams in one
 * @throws Error with the cluster's reason and the log's last lines when the Job fails or its deadline passes
 */
export async function waitForJob(
  api: ClusterApi,
  { namespace, job: name, deadlineSeconds }: JobResultInputs,
  say: (line: string) => void,
  pollMs = POLL_MS,
): Promise<string> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
  let said = 0;
  for (const end = Date.now() + (deadlineSeconds + START_SECONDS) * 1000; ; await sleep(pollMs)) {
    const { conditions } = job.parse(JSON.parse(await api.get(path))).status;
    const lines = await logOf(api, namespace, name);
    for (const line of lines.slice(said)) say(line);
    said = Math.max(said, lines.length);
    const is = (type: string) => conditions.find((one) => one.type === type && one.status === "True");
    if (is("Complete")) return lines.findLast((line) => /^\{.*"run_id"/.test(line)) ?? lines.join("\n");
    const failed = is("Failed");
    if (failed) throw jobError(name, failed.message, lines);
    if (Date.now() > end) throw jobError(name, `no end after ${deadlineSeconds + START_SECONDS} s`, lines);
  }
}

const jobError = (name: string, reason: string, lines: readonly string[]) =>
  new Error(`training Job ${name} failed: ${reason}\n${lines.slice(-LAST_LINES).join("\n") || "(its log is empty)"}`);

/** Lines that are whole; none while there is no pod or its container has not begun. */
async function logOf(api: ClusterApi, namespace: string, name: string): Promise<string[]> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const { items } = podList.parse(JSON.parse(await api.get(`${pods}?labelSelector=job-name%3D${name}`)));
  const pod = items.at(-1)?.metadata.name;
  if (!pod) return [];
  const log = await api.get(`${pods}/${pod}/log`).catch(() => "");
  return log.split("\n").slice(0, -1);
}

export const provider = {
  async diff(_id: string, olds: JobResultInputs, news: JobResultInputs) {
    return { changes: changedInputs(olds, news, ["namespace", "job"]).length > 0 };
  },
  async create(inputs: JobResultInputs) {
    return { id: inputs.job, outs: { ...inputs, stdout: await resultOf(inputs) } };
  },
  async update(_id: string, _olds: JobResultInputs, news: JobResultInputs) {
    return { outs: { ...news, stdout: await resultOf(news) } };
  },
  async delete() {
    // The Job is a resource of its own.
  },
};

const resultOf = (inputs: JobResultInputs) => waitForJob(kubectlApi(inputs), inputs, (line) => console.error(line));
