import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { defineProvider } from "../../../dynamic/define-provider.ts";
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
const waiting = z.object({ reason: z.string().default(""), message: z.string().default("") });
const containerStatus = z.object({ state: z.object({ waiting: waiting.optional() }).default({}) });
const pod = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({ conditions: z.array(condition).default([]), containerStatuses: z.array(containerStatus).default([]) })
    .prefault({}),
});
const podList = z.object({ items: z.array(pod) });
type Pod = z.infer<typeof pod>;

/** What every pod waits for. */
const USUAL = ["", "ContainerCreating", "PodInitializing"];

/**
 * Waits for a Job's end, saying its log as it grows, and what it waits for.
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
  let lines: string[] = [];
  let stuck = "";
  for (const end = Date.now() + (deadlineSeconds + START_SECONDS) * 1000; ; await sleep(pollMs)) {
    const { conditions } = job.parse(JSON.parse(await api.get(path))).status;
    const pod = await podOf(api, namespace, name);
    const log = pod ? await logOf(api, namespace, pod) : [];
    for (const line of log.slice(lines.length)) say(line);
    // A Job whose deadline has passed loses its pod, and with it the log.
    if (log.length > lines.length) lines = log;
    const stuckNow = pod ? whyNot(pod) : stuck;
    if (stuckNow !== "" && stuckNow !== stuck) say(stuckNow);
    stuck = stuckNow;
    const is = (type: string) => conditions.find((one) => one.type === type && one.status === "True");
    if (is("Complete")) return lines.findLast((line) => /^\{.*"run_id"/.test(line)) ?? lines.join("\n");
    const told = [...lines.slice(-LAST_LINES), stuck].filter((line) => line !== "");
    const failed = is("Failed");
    if (failed) throw jobError(name, failed.message, told);
    if (Date.now() > end) throw jobError(name, `no end after ${deadlineSeconds + START_SECONDS} s`, told);
  }
}

const jobError = (name: string, reason: string, told: readonly string[]) =>
  new Error(`training Job ${name} failed: ${reason}\n${told.join("\n") || "(its log is empty)"}`);

async function podOf(api: ClusterApi, namespace: string, name: string): Promise<Pod | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=job-name%3D${name}`;
  return podList.parse(JSON.parse(await api.get(path))).items.at(-1);
}

/** Why a pod does not run: no node takes it, its image cannot be had; empty when nothing is wrong. */
function whyNot({ metadata, status }: Pod): string {
  const unscheduled = status.conditions.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  const waits = status.containerStatuses.flatMap(({ state }) => state.waiting ?? []);
  const why = waits.find(({ reason }) => !USUAL.includes(reason)) ?? unscheduled;
  if (!why) return "";
  const reason = "reason" in why ? `${why.reason}: ` : "";
  return `pod ${metadata.name} does not run: ${reason}${why.message}`;
}

/** Lines that are whole; none while its container has not begun. */
async function logOf(api: ClusterApi, namespace: string, { metadata }: Pod): Promise<string[]> {
  const log = await api.get(`/api/v1/namespaces/${namespace}/pods/${metadata.name}/log`).catch(() => "");
  return log.split("\n").slice(0, -1);
}

export const provider = defineProvider({
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
});

const resultOf = (inputs: JobResultInputs) => waitForJob(kubectlApi(inputs), inputs, (line) => console.error(line));
