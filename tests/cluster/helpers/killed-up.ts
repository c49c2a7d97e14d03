import { spawn } from "node:child_process";
import { cliEnvironment, installed } from "../../helpers/pulumi-cli.ts";
import type { ClusterProject } from "./cluster-project.ts";

/**
 * Runs an update and kills the CLI with all its plugins, like a lost runner. Releases the stack's lock afterwards.
 * @param when resolves at the moment to kill it
 */
export async function killedUp(
  { folder, must }: ClusterProject,
  stack: string,
  when: () => Promise<void>,
): Promise<void> {
  const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack];
  // Its own process group, so that the plugins are killed with it.
  const options = { cwd: folder, env: cliEnvironment(folder), stdio: "ignore", detached: true } as const;
  const child = spawn(installed("pulumi") ?? "pulumi", args, options);
  const ended = new Promise((done) => child.once("close", done));
  try {
    await Promise.race([when(), ended.then(() => Promise.reject(new Error(`up ${stack} ended before it was killed`)))]);
  } finally {
    if (child.pid !== undefined) killGroup(child.pid);
    await ended;
  }
  await must("cancel", "--yes", "--stack", stack);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
