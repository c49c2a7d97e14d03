import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { apply, kubectl, removeNamespace } from "./kubectl.ts";

const counts = z.object({
  sent: z.int(),
  failed: z.int(),
  /** Number of failures by URL and problem. */
  reasons: z.record(z.string(), z.int()),
  last: z.boolean(),
});
export type Counts = z.infer<typeof counts>;

export interface PodCallers extends AsyncDisposable {
  /** Requests so far. */
  counts(): Promise<Counts>;
  /** Stops, and resolves when all requests have been answered. */
  stop(): Promise<Counts>;
}

const POD = "callers";

/** Starts a pod in its own namespace that calls the services until it is stopped. */
export async function startCallers(
  namespace: string,
  image: string,
  urls: readonly string[],
  perSecond: number,
): Promise<PodCallers> {
  const env = { URLS: urls.join(" "), PER_SECOND: String(perSecond) };
  await apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: POD, namespace },
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 1,
        containers: [{ name: POD, image, env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
      },
    },
  );
  await kubectl(["--namespace", namespace, "wait", `pod/${POD}`, "--for=condition=Ready", "--timeout=120s"]);
  const read = async () => {
    const lines = (await kubectl(["--namespace", namespace, "logs", POD, "--tail=1"])).trim().split("\n");
    return counts.parse(JSON.parse(lines.at(-1) || '{"sent":0,"failed":0,"reasons":{},"last":false}'));
  };
  const stop = async () => {
    await kubectl(["--namespace", namespace, "exec", POD, "--", "touch", "/tmp/stop"]);
    for (let tries = 0; tries < 60; tries++) {
      const seen = await read();
      if (seen.last) return seen;
      await sleep(500);
    }
    throw new Error(`the callers in ${namespace} did not end within 30 s`);
  };
  return { counts: read, stop, [Symbol.asyncDispose]: async () => void (await removeNamespace(namespace)) };
}
