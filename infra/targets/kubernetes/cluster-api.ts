import { type Ran, runProgram } from "../run-program.ts";
import { type Cluster, withKubeconfigFile } from "./cluster-arguments.ts";

/** The cluster's own REST API, as far as it is needed here. Paths begin with a slash. */
export interface ClusterApi {
  /** @throws ClusterError */
  get(path: string): Promise<string>;
  /** Replaces the object. @throws ClusterError */
  put(path: string, body: object): Promise<void>;
}

/** What a caller can do something about: nothing there; changed by another in between. */
type Refusal = "NotFound" | "Conflict";

/** The cluster refused, or could not be asked. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly refusal: Refusal | undefined;

  constructor(message: string, refusal?: Refusal, options?: ErrorOptions) {
    super(message, options);
    this.refusal = refusal;
  }
}

const REQUEST_TIMEOUT = "--request-timeout=30s";

/** By kubectl: it knows every way to sign in to a cluster, and whoever runs a cluster has it. */
export function kubectlApi(cluster: Cluster): ClusterApi {
  const run = async (path: string, verb: string[], input = ""): Promise<string> => {
    const [head = "", ...rest] = verb;
    const { code, stdout, stderr } = await withKubeconfigFile(cluster, (arguments_) =>
      kubectl([...arguments_, REQUEST_TIMEOUT, head, "--raw", path, ...rest], input),
    );
    if (code === 0) return stdout;
    throw new ClusterError(`kubectl ${head} ${path}: ${stderr.trim().slice(0, 500)}`, refusalOf(stderr));
  };
  return {
    get: (path) => run(path, ["get"]),
    put: async (path, body) => void (await run(path, ["replace", "--filename", "-"], JSON.stringify(body))),
  };
}

/** As kubectl tells it: `Error from server (Conflict): …`. */
function refusalOf(stderr: string): Refusal | undefined {
  if (/NotFound|not found/.test(stderr)) return "NotFound";
  return /\(Conflict\)|object has been modified/.test(stderr) ? "Conflict" : undefined;
}

const kubectl = (args: string[], input: string): Promise<Ran> =>
  runProgram("kubectl", args, input).catch((cause: NodeJS.ErrnoException) => {
    const missing =
      "kubectl is not installed: it is how the update reads pods. https://kubernetes.io/docs/tasks/tools/";
    throw new ClusterError(cause.code === "ENOENT" ? missing : `kubectl: ${cause.message}`, undefined, { cause });
  });
