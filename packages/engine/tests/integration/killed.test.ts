/** kill -9 of the engine leaves no child process behind, whatever it is doing. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ENGINE, Workspace } from "../helpers/scenario.ts";

const slowCloud = `import { writeFileSync } from "node:fs";
export const provider = {
  check: async (_olds: object, news: object) => ({ inputs: news }),
  create: async () => {
    writeFileSync(process.env.CLOUD_DIR + "/provider.pid", String(process.pid));
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  },
};
`;
const program = `import { writeFileSync } from "node:fs";
import { Thing } from "./thing.ts";
writeFileSync(process.env.CLOUD_DIR + "/program.pid", String(process.pid));
new Thing("t", { label: "t" });
`;

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it("while a provider is called", { timeout: 60_000 }, async () => {
  const workspace = Workspace.program(program);
  onTestFinished(() => workspace.remove());
  workspace.write("cloud.ts", slowCloud);
  await workspace.ok("stack", "init", "test");
  const args = [ENGINE, "up", "--yes", "--skip-preview", "--stack", "test"];
  const engine = spawn(process.execPath, args, { cwd: workspace.project, env: workspace.env(), stdio: "ignore" });
  const files = ["provider.pid", "program.pid"].map((name) => join(workspace.cloud, name));
  await expect.poll(() => files.every((file) => existsSync(file)), { timeout: 30_000 }).toBe(true);
  const pids = files.map((file) => Number(readFileSync(file, "utf8")));
  expect(pids.map(isRunning)).toEqual([true, true]);
  engine.kill("SIGKILL");
  await expect.poll(() => pids.map(isRunning), { timeout: 10_000 }).toEqual([false, false]);
});
