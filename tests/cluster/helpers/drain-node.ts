import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "./kubectl.ts";

/**
 * Drains the pods that match a selector from a node. In a cluster of one node, new pods have nowhere to go: the node accepts pods again as soon as the
 * first one has been evicted, as another node would.
 * @returns the number of pods that moved
 * @throws Error if the node was not drained, or a pod is still there
 */
export async function drainNode(namespace: string, selector: string): Promise<number> {
  const columns = "jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{'\\n'}{end}";
  const query = ["--namespace", namespace, "get", "pods", "--selector", selector, "--output", columns];
  const pods = async () =>
    (await kubectl(query))
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
  const before = await pods();
  const node = before[0]?.[1] ?? "";
  const toMove = before.flatMap(([name = "", on]) => (on === node ? [name] : []));
  const left = async () => {
    const names = (await pods()).map(([name]) => name);
    return toMove.filter((name) => names.includes(name));
  };
  const options = ["--timeout=150s", "--ignore-daemonsets", "--delete-emptydir-data"];
  const drained = kubectl(["drain", node, "--pod-selector", selector, ...options]).then(
    () => undefined,
    (error: Error) => error,
  );
  try {
    for (let tries = 0; tries < 120 && (await left()).length === toMove.length; tries++) await sleep(500);
  } finally {
    await kubectl(["uncordon", node]);
  }
  const problem = await drained;
  // kubectl drain first cordons the node.
  await kubectl(["uncordon", node]);
  if (problem) throw problem;
  for (let tries = 0; tries < 120 && (await left()).length > 0; tries++) await sleep(500);
  const stayed = await left();
  if (stayed.length > 0) throw new Error(`these pods did not move: ${stayed.join(", ")}`);
  return toMove.length;
}
