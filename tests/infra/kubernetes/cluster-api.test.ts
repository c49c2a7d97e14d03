import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import {
  ClusterError,
  KUBECTL_MISSING,
  kubectlApi,
  refusalOfAnswer,
  retryWhileUnavailable,
} from "../../../infra/targets/kubernetes/cluster-api.ts";
import type { Cluster } from "../../../infra/targets/kubernetes/cluster-arguments.ts";
import { withProxiedApi } from "../../../infra/targets/kubernetes/proxied-api.ts";

afterEach(() => vi.unstubAllEnvs());

/** Returns the error for a kubectl that prints this. */
async function failureOf(stderr: string, cluster: Cluster = {}): Promise<ClusterError> {
  const folder = await mkdtemp(join(tmpdir(), "kubectl-"));
  await writeFile(join(folder, "kubectl"), `#!/bin/sh\necho '${stderr}' >&2\nexit 1\n`);
  await chmod(join(folder, "kubectl"), 0o755);
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
  try {
    await kubectlApi(cluster).get("/api/v1/pods");
    throw new Error("kubectl should have failed");
  } catch (error) {
    if (error instanceof ClusterError) return error;
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each([
  ['Error from server (NotFound): pods "a" not found', "NotFound"],
  ["Error from server (Conflict): the object has been modified", "Conflict"],
  ['Error from server (Forbidden): pods is forbidden: User "a" cannot list resource "pods"', "Refused"],
  ["Error from server (ServiceUnavailable): the server is currently unable to handle the request", undefined],
  ["Unable to connect to the server: getting credentials: exec: executable aws not found", undefined],
  ["The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?", undefined],
  ["Unable to connect to the server: net/http: TLS handshake timeout", undefined],
])("kubectl says: %s", async (stderr, refusal) => {
  expect((await failureOf(stderr)).refusal).toBe(refusal);
});

test("only an error without a response names context and kubeconfig", async () => {
  const lost = "error: You must be logged in to the server (Unauthorized)";
  const { message } = await failureOf(lost, { kubeconfig: "/home/ada/k", context: "live" });
  expect(message).toBe(`kubectl get /api/v1/pods: ${lost} (with context live of kubeconfig /home/ada/k)`);
  vi.stubEnv("KUBECONFIG", "/home/ada/other");
  expect((await failureOf(lost)).message).toMatch(/\(with the current context of kubeconfig \/home\/ada\/other\)$/);
  const content = await failureOf(lost, { kubeconfig: "{users: [{token: word}]}" });
  expect(content.message).toMatch(/the current context of the kubeconfig that kubernetes.kubeconfig holds\)$/);
  expect((await failureOf("Error from server (NotFound): none")).message).not.toContain("(with");
});

test("every call reports a missing kubectl in the same words", async () => {
  vi.stubEnv("PATH", "/nowhere");
  await expect(kubectlApi({}).get("/version")).rejects.toHaveProperty("message", KUBECTL_MISSING);
  await expect(withProxiedApi({}, (api) => api.get("/version"))).rejects.toHaveProperty(
    "message",
    `kubectl proxy did not start: ${KUBECTL_MISSING}`,
  );
});

test("the HTTP status distinguishes a refusal from an unavailable server", () => {
  const refusals = (...statuses: number[]) => statuses.map((status) => refusalOfAnswer(status, '{"kind":"Status"}'));
  expect(refusals(404, 409, 403, 422)).toEqual(["NotFound", "Conflict", "Refused", "Refused"]);
  expect(refusals(429, 502, 503, 504)).toEqual([undefined, undefined, undefined, undefined]);
});

test("500 from the API server or a pod is a refusal, such as for a failing webhook", () => {
  expect(refusalOfAnswer(500, '{"kind":"Status","reason":"InternalError"}')).toBe("Refused");
  expect(refusalOfAnswer(500, '{"type":"about:blank","status":500}')).toBe("Refused");
});

test.each(["dial tcp 127.0.0.1:6443: connect: connection refused", "unexpected EOF", ""])(
  "500 from kubectl's proxy for an unavailable server is not a refusal: %s",
  (body) => expect(refusalOfAnswer(500, body)).toBeUndefined(),
);

test("retries an unavailable server up to a limit, but not a refusal", async () => {
  const answers = [new ClusterError("away"), new ClusterError("away"), "here"];
  const ask = async () => {
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new ClusterError("still away");
    return answer;
  };
  expect(await retryWhileUnavailable(ask, 5, 1)).toBe("here");
  await expect(retryWhileUnavailable(ask, 0.05, 1)).rejects.toThrow("still away");
  const refused = new ClusterError("forbidden", "Refused");
  let asked = 0;
  await expect(retryWhileUnavailable(async () => Promise.reject(++asked && refused), 5, 1)).rejects.toBe(refused);
  expect(asked).toBe(1);
});
