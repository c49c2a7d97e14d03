import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterApi, ClusterError, notStarted, refusalOfAnswer } from "./cluster-api.ts";
import { type Cluster, withKubeconfigFile } from "./cluster-arguments.ts";

const START_MS = 10_000;
const REQUEST_MS = 30_000;

/**
 * Accesses the cluster's API through one `kubectl proxy`, because starting kubectl for each request takes longer than what a probe measures. The proxy
 * listens on a socket in a folder of this user: a port would give every user of this machine access to the cluster.
 * @throws ClusterError if the proxy does not start
 */
export const withProxiedApi = <Answer>(cluster: Cluster, use: (api: ClusterApi) => Promise<Answer>): Promise<Answer> =>
  withKubeconfigFile(cluster, (clusterArgs) => throughProxy(clusterArgs, use));

async function throughProxy<Answer>(
  clusterArgs: readonly string[],
  use: (api: ClusterApi) => Promise<Answer>,
): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "kubectl-"));
  const socketPath = join(folder, "s");
  const agent = new Agent({ keepAlive: true });
  const args = [...clusterArgs, "proxy", `--unix-socket=${socketPath}`, "--accept-hosts=.*"];
  const proxy = spawn("kubectl", args, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  proxy.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const ended = once(proxy, "close").catch((error: NodeJS.ErrnoException) => {
    output = notStarted(error);
  });
  const send = (method: string, path: string, body?: object) =>
    new Promise<string>((done, fail) => {
      const headers = body ? { "content-type": "application/json" } : {};
      const sent = request({ socketPath, agent, method, path, headers, timeout: REQUEST_MS }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        answer.once("error", fail).once("end", () => {
          const status = answer.statusCode ?? 0;
          if (status >= 200 && status < 300) return done(text);
          fail(
            new ClusterError(
              `${method} ${path}: HTTP ${status} ${text.trim().slice(0, 500)}`,
              refusalOfAnswer(status, text),
            ),
          );
        });
      });
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${REQUEST_MS / 1000} s`)));
      sent.once("error", (cause) =>
        fail(new ClusterError(`${method} ${path}: ${cause.message}`, undefined, { cause })),
      );
      sent.end(body && JSON.stringify(body));
    });
  try {
    await waitForProxy(
      () => send("GET", "/version"),
      () => (proxy.exitCode === null && proxy.pid ? undefined : output),
    );
    return await use({
      get: (path) => send("GET", path),
      put: async (path, body) => void (await send("PUT", path, body)),
    });
  } finally {
    agent.destroy();
    proxy.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until the socket responds. @param exited returns the proxy's output if it has exited */
async function waitForProxy(send: () => Promise<unknown>, exited: () => string | undefined): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(50)) {
    try {
      return void (await send());
    } catch (error) {
      const answered = error instanceof ClusterError && error.cause === undefined;
      if (answered) return;
      const output = exited();
      if (output !== undefined || Date.now() > end)
        throw new ClusterError(`kubectl proxy did not start: ${output || (error as Error).message}`, undefined, {
          cause: error,
        });
    }
  }
}
