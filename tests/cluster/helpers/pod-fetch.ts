import { setTimeout as sleep } from "node:timers/promises";
import { callersImage } from "./cluster-images.ts";
import { apply, kubectl } from "./kubectl.ts";

const POD = "fetcher";
/** Time that a network may take to apply a new policy. */
const TRIES = 10;
/** Connection timeout, because a packet that a policy drops gets no response. */
const WAIT_MS = 4000;

/** Starts a pod that can fetch URLs, in a namespace with these labels. */
export async function startFetcher(namespace: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: POD, namespace, labels: { app: POD } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: POD, image: await callersImage(), command: ["node", "-e", LISTEN] }],
      },
    },
  );
  await kubectl(["--namespace", namespace, "wait", `pod/${POD}`, "--for=condition=Ready", "--timeout=120s"]);
}

const PORT = 8080;
const LISTEN = `require("node:http").createServer((_, answer) => answer.end()).listen(${PORT})`;

/** @returns the HTTP status, or `none` without a response */
export async function fetchFrom(namespace: string, pod: string, url: string): Promise<string> {
  const program = `fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(${WAIT_MS}) }).then(({ status }) => console.log(status), () => console.log("none"))`;
  return (await kubectl(["--namespace", namespace, "exec", pod, "--", "node", "-e", program])).trim();
}

export const fetchFromFetcher = (namespace: string, url: string): Promise<string> => fetchFrom(namespace, POD, url);

/** Whether the cluster's network enforces NetworkPolicies. Tries a policy that denies everything in the fetching pod's namespace. */
export async function enforcesPolicies(namespace: string, caller: string): Promise<boolean> {
  const address = (
    await kubectl(["--namespace", namespace, "get", "pod", POD, "--output", "jsonpath={.status.podIP}"])
  ).trim();
  const url = `http://${address}:${PORT}`;
  const before = await fetchFromFetcher(caller, url);
  if (before !== "200") throw new Error(`without a policy ${url} should answer 200, not ${before}`);
  await apply({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "deny", namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  });
  for (let tries = 0; tries < TRIES; tries++) {
    if ((await fetchFromFetcher(caller, url)) === "none") return true;
    await sleep(1000);
  }
  return false;
}
