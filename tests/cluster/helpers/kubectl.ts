import { setTimeout as sleep } from "node:timers/promises";
import { runProgram } from "../../../infra/targets/run-program.ts";
import { restartCommand } from "./missing.ts";

/** Runs kubectl against the cluster that KUBECONFIG names. @throws Error with kubectl's output */
export async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await runProgram("kubectl", args, input);
  if (code === 0) return stdout;
  throw new Error(`kubectl ${args.join(" ")} ended with exit code ${code}: ${stderr.trim()}`);
}

/** Creates or changes objects. */
export const apply = (...objects: readonly object[]): Promise<string> =>
  kubectl(["apply", "--filename", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));

/** Deletes a namespace, and waits until its objects are gone. */
export const removeNamespace = (name: string): Promise<string> =>
  kubectl(["delete", "namespace", name, "--ignore-not-found", "--timeout=180s"]);

/** Waits until a rollout has begun, which shows in additional pods. */
export async function newPods(namespace: string, selector = ""): Promise<void> {
  const count = async () =>
    (await kubectl(["--namespace", namespace, "get", "pods", "--selector", selector, "--output", "name"])).split("\n")
      .length;
  const before = await count();
  // Training, gate and build come first.
  for (let tries = 0; tries < 600; tries++) {
    if ((await count()) > before) return;
    await sleep(500);
  }
  throw new Error(`no new pod in ${namespace} within 300 s`);
}

/** @throws Error if the command fails */
export async function restartApi(): Promise<void> {
  const { code, stderr } = await runProgram("/bin/sh", ["-c", restartCommand ?? "false"]);
  if (code !== 0) throw new Error(`${restartCommand} ended with exit code ${code}: ${stderr}`);
}
