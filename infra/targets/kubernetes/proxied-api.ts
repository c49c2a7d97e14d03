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
 * Accesses the cluster's API through one `kubectl proxy`, because a kubectl per request takes longer than what a probe measures. The proxy listens on a
 * socket in a folder of this user: a port would give every user of this machine access to the cluster.
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
  let said = "";
  proxy.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const ended = once(proxy, "close").catch((error: NodeJS.ErrnoException) => {
    said = notStarted(error);
  });
  const ask = (method: string, path: string, body?: object) =>
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
    await started(
      () => ask("GET", "/version"),
      () => (proxy.exitCode === null && proxy.pid ? undefined : said),
    );
    return await use({
      get: (path) => ask("GET", path),
      put: async (path, body) => void (await ask("PUT", path, body)),
    });
  } finally {
    agent.destroy();
    proxy.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until the socket answers anything. @param gone the proxy's output if it exited */
async function started(ask: () => Promise<unknown>, gone: () => string | undefined): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(50)) {
    try {
      return void (await ask());
    } catch (error) {
      const answered = error instanceof ClusterError && error.cause === undefined;
      if (answered) return;
      const said = gone();
      if (said !== undefined || Date.now() > end)
        throw new ClusterError(`kubectl proxy did not start: ${said || (error as Error).message}`, undefined, {
          cause: error,
        });
    }
  }
}
