import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterArguments, isContent } from "./cluster-arguments.ts";

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

export interface Cluster {
  /** A file, or the content of one. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

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

/** kubectl takes files only: content lies in one while it runs, for nobody else to read. */
async function withKubeconfigFile<Answer>(cluster: Cluster, run: (args: string[]) => Promise<Answer>): Promise<Answer> {
  const { kubeconfig } = cluster;
  if (kubeconfig === undefined || !isContent(kubeconfig)) return run(clusterArguments(cluster));
  const folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  try {
    const path = join(folder, "config");
    await writeFile(path, kubeconfig, { mode: 0o600 });
    return await run(clusterArguments({ ...cluster, kubeconfig: path }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As kubectl tells it: `Error from server (Conflict): …`. */
function refusalOf(stderr: string): Refusal | undefined {
  if (/NotFound|not found/.test(stderr)) return "NotFound";
  return /\(Conflict\)|object has been modified/.test(stderr) ? "Conflict" : undefined;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function kubectl(args: string[], input: string): Promise<Ran> {
  const child = spawn("kubectl", args, { stdio: ["pipe", "pipe", "pipe"] });
  const seen = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    seen.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    seen.stderr += text;
  });
  // It may end without having read it: the exit code tells.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.on("error", (cause: NodeJS.ErrnoException) => {
      const missing =
        "kubectl is not installed: it is how the update reads pods. https://kubernetes.io/docs/tasks/tools/";
      fail(new ClusterError(cause.code === "ENOENT" ? missing : `kubectl: ${cause.message}`, undefined, { cause }));
    });
    child.on("close", (code) => done({ code, ...seen }));
  });
}
