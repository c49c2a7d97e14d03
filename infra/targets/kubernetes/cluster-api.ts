import { setTimeout as sleep } from "node:timers/promises";
import { type Ran, runProgram } from "../run-program.ts";
import { type Cluster, clusterInWords, withKubeconfigFile } from "./cluster-arguments.ts";

/** The parts of the cluster's REST API that are used here. Paths begin with a slash. */
export interface ClusterApi {
  /** @throws ClusterError */
  get(path: string): Promise<string>;
  /** Replaces the object. @throws ClusterError */
  put(path: string, body: object): Promise<void>;
}

/** Not there; changed by another writer in between; any other refusal, such as a missing permission. */
type Refusal = "NotFound" | "Conflict" | "Refused";

/** The cluster refused, or could not be reached. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  /** Undefined if the API server itself did not answer, as while it restarts. */
  readonly refusal: Refusal | undefined;

  constructor(message: string, refusal?: Refusal, options?: ErrorOptions) {
    super(message, options);
    this.refusal = refusal;
  }
}

const REQUEST_TIMEOUT = "--request-timeout=30s";

/** Uses kubectl, which supports every way to sign in to a cluster. */
export function kubectlApi(cluster: Cluster): ClusterApi {
  const run = async (path: string, verb: string[], input = ""): Promise<string> => {
    const [head = "", ...rest] = verb;
    const { code, stdout, stderr } = await withKubeconfigFile(cluster, (arguments_) =>
      kubectl([...arguments_, REQUEST_TIMEOUT, head, "--raw", path, ...rest], input),
    );
    if (code === 0) return stdout;
    const refusal = refusalOf(stderr);
    const by = refusal === undefined ? `, asked by ${clusterInWords(cluster)}` : "";
    throw new ClusterError(`kubectl ${head} ${path}: ${stderr.trim().slice(0, 500)}${by}`, refusal);
  };
  return {
    get: (path) => run(path, ["get"]),
    put: async (path, body) => void (await run(path, ["replace", "--filename", "-"], JSON.stringify(body))),
  };
}

/** Reasons of a temporarily unavailable server. */
const PASSING = /^(ServiceUnavailable|Timeout|ServerTimeout|TooManyRequests)$/;

/** Parses kubectl's `Error from server (Conflict): …`. */
function refusalOf(stderr: string): Refusal | undefined {
  const [, reason] = /Error from server \((\w+)\)/.exec(stderr) ?? [];
  if (reason === "NotFound" || /^Error from server.* not found/m.test(stderr)) return "NotFound";
  if (reason === "Conflict" || /object has been modified/.test(stderr)) return "Conflict";
  return reason === undefined || PASSING.test(reason) ? undefined : "Refused";
}

/** By an answer's HTTP status, and by its body: kubectl's proxy itself answers 500, in plain text, when the API server gives it no answer. */
export function refusalOfAnswer(status: number, body: string): Refusal | undefined {
  if (status === 404) return "NotFound";
  if (status === 409) return "Conflict";
  if (status === 500 && !body.trimStart().startsWith("{")) return undefined;
  return status > 500 || status === 429 ? undefined : "Refused";
}

/** How long an API server may be unavailable during an update, as when it restarts. */
const AWAY_SECONDS = 60;

/**
 * Retries while the API server does not answer.
 * @param ask an idempotent request
 * @throws ClusterError if the server refuses, or does not answer for `seconds`
 */
export async function whileAway<Answer>(
  ask: () => Promise<Answer>,
  seconds = AWAY_SECONDS,
  pauseMs = 1000,
): Promise<Answer> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(pauseMs)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ClusterError) || error.refusal !== undefined || Date.now() >= end) throw error;
    }
  }
}

export const isMissing = (error: unknown): boolean => error instanceof ClusterError && error.refusal === "NotFound";

/** For `catch`: undefined for what the cluster does not have. @throws any other error again */
export function absent(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

const TRIES = 5;

/**
 * Reads an object and writes it. Tries again on a conflict: an autoscaler, or a controller that writes the status right after each change, may come in
 * between.
 * @throws ClusterError
 */
export async function withoutConflict<Answer>(readAndWrite: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++)
    try {
      return await readAndWrite();
    } catch (error) {
      if (tries === TRIES || !(error instanceof ClusterError) || error.refusal !== "Conflict") throw error;
    }
}

/** Error for a missing kubectl. */
export const KUBECTL_MISSING =
  "kubectl is not installed: the update uses it to read pods, events and logs. Install it: https://kubernetes.io/docs/tasks/tools/";

/** Why kubectl could not be started. */
export const notStarted = ({ code, message }: NodeJS.ErrnoException): string =>
  code === "ENOENT" ? KUBECTL_MISSING : `kubectl cannot be started: ${message}`;

const kubectl = (args: string[], input: string): Promise<Ran> =>
  runProgram("kubectl", args, input).catch((cause: NodeJS.ErrnoException) => {
    throw new ClusterError(notStarted(cause), "Refused", { cause });
  });
