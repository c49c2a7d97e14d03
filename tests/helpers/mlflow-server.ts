import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MLFLOW_ENVIRONMENT, mlflowCommand } from "../../infra/targets/local/mlflow-command.ts";
import { freePort } from "./free-port.ts";
import { testPython } from "./python.ts";

export interface RunningMlflow {
  readonly url: string;
  /** Interpreter with MLflow, scikit-learn, onnx and onnxruntime. */
  readonly python: string;
  /** Path of its SQLite database. */
  readonly database: string;
  /** Stops the server and removes its data. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a real MLflow server on a free port, with its own database. */
export async function startMlflow(): Promise<RunningMlflow> {
  const python = await testPython();
  const folder = await mkdtemp(join(tmpdir(), "mlflow-"));
  const port = await freePort();
  await mkdir(join(folder, "artifacts"));
  const [command = "", ...args] = mlflowCommand({ python, port, dataFolder: folder });
  const log = openSync(join(folder, "server.log"), "a");
  const server = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...MLFLOW_ENVIRONMENT },
  });
  const ended = new Promise<void>((done) => server.once("exit", () => done()));
  // Its workers are in its process group, so that a test that crashes does not leave them behind.
  const kill = () => {
    try {
      if (server.pid) process.kill(-server.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  process.once("exit", kill);
  const stop = async () => {
    process.removeListener("exit", kill);
    kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; waited < 60_000; waited += 100) {
    if (await healthy(url)) return { url, python, database: join(folder, "mlflow.db"), stop };
    if (server.exitCode !== null) break;
    await sleep(100);
  }
  const said = readFileSync(join(folder, "server.log"), "utf8").slice(-2000);
  await stop();
  throw new Error(`the MLflow server on port ${port} did not become healthy:\n${said}`);
}

const healthy = (url: string) =>
  fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  );
