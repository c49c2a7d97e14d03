import { runProgram } from "../../../infra/targets/run-program.ts";

/** Runs kubectl against the cluster that KUBECONFIG names. @throws Error with what it said */
export async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await runProgram("kubectl", args, input);
  if (code === 0) return stdout;
  throw new Error(`kubectl ${args.join(" ")} ended with exit code ${code}: ${stderr.trim()}`);
}

/** Creates or changes objects. */
export const apply = (...objects: readonly object[]): Promise<string> =>
  kubectl(["apply", "--filename", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));

/** Removes a namespace and waits until all in it has gone. */
export const removeNamespace = (name: string): Promise<string> =>
  kubectl(["delete", "namespace", name, "--ignore-not-found", "--timeout=180s"]);
