import { setTimeout as sleep } from "node:timers/promises";
import { type ProgramResult, runProgram } from "../run-program.ts";
import { type Cluster, describeCluster, withKubeconfigFile } from "./cluster-arguments.ts";

/** The parts of the cluster's REST API that are used here. Paths begin with a slash. */
export interface ClusterApi {
  /** @throws ClusterError */
  get(path: string): Promise<string>;
  /** Replaces the object. @throws ClusterError */
  put(path: string, body: object): Promise<void>;
}

/** The object does not exist; another writer changed it in the meantime; anything else, such as a missing permission. */
type Refusal = "NotFound" | "Conflict" | "Refused";

/** Thrown if the cluster refuses a request, or cannot be reached. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  /** Undefined if the API server did not respond, as while it restarts. */
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
    const access = refusal === undefined ? ` (with ${describeCluster(cluster)})` : "";
    throw new ClusterError(`kubectl ${head} ${path}: ${stderr.trim().slice(0, 500)}${access}`, refusal);
  };
  return {
    get: (path) => run(path, ["get"]),
    put: async (path, body) => void (await run(path, ["replace", "--filename", "-"], JSON.stringify(body))),
  };
}

/** Reasons that a temporarily unavailable server gives. */
const TRANSIENT = /^(ServiceUnavailable|Timeout|ServerTimeout|TooManyRequests)$/;

/** Parses kubectl's `Error from server (Conflict): …`. */
function refusalOf(stderr: string): Refusal | undefined {
  const [, reason] = /Error from server \((\w+)\)/.exec(stderr) ?? [];
  if (reason === "NotFound" || /^Error from server.* not found/m.test(stderr)) return "NotFound";
  if (reason === "Conflict" || /object has been modified/.test(stderr)) return "Conflict";
  return reason === undefined || TRANSIENT.test(reason) ? undefined : "Refused";
}

/** Classifies a response by its status and body: kubectl's proxy itself responds 500, in plain text, if the API server does not respond. */
export function refusalOfAnswer(status: number, body: string): Refusal | undefined {
  if (status === 404) return "NotFound";
  if (status === 409) return "Conflict";
  if (status === 500 && !body.trimStart().startsWith("{")) return undefined;
  return status > 500 || status === 429 ? undefined : "Refused";
}

/** How long an API server may be unavailable during an update, for example to restart. */
const UNAVAILABLE_SECONDS = 60;

/**
 * Retries while the API server does not respond.
 * @param send sends an idempotent request
 * @throws ClusterError if the server refuses it, or does not respond for `seconds`
 */
export async function retryWhileUnavailable<Answer>(
  send: () => Promise<Answer>,
  seconds = UNAVAILABLE_SECONDS,
  pauseMs = 1000,
): Promise<Answer> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(pauseMs)) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ClusterError) || error.refusal !== undefined || Date.now() >= end) throw error;
    }
  }
}

export const isMissing = (error: unknown): boolean => error instanceof ClusterError && error.refusal === "NotFound";

/** For `catch`: returns undefined if the object does not exist. @throws any other error */
export function undefinedIfMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

const ATTEMPTS = 5;

/**
 * Reads and writes an object. Retries on a conflict: an autoscaler, or a controller that writes the status after each change, may write in
 * between.
 * @throws ClusterError
 */
export async function retryOnConflict<Answer>(readAndWrite: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await readAndWrite();
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof ClusterError) || error.refusal !== "Conflict") throw error;
    }
}

/** Error for a missing kubectl. */
export const KUBECTL_MISSING =
  "kubectl is not installed: the update uses it to read pods, events and logs. Install it: https://kubernetes.io/docs/tasks/tools/";

/** Describes why kubectl could not be started. */
export const notStarted = ({ code, message }: NodeJS.ErrnoException): string =>
  code === "ENOENT" ? KUBECTL_MISSING : `kubectl cannot be started: ${message}`;

const kubectl = (args: string[], input: string): Promise<ProgramResult> =>
  runProgram("kubectl", args, input).catch((cause: NodeJS.ErrnoException) => {
    throw new ClusterError(notStarted(cause), "Refused", { cause });
  });
