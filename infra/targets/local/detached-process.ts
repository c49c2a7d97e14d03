import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { connect } from "node:net";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { portHolder } from "./claim.ts";
import { isAlive, type ProcessIdentity, RECORD_AND_EXEC, readIdentity } from "./process-identity.ts";

export interface ProcessSpec {
  readonly command: readonly string[];
  /** The process gets these variables and those in INHERITED, and no others. */
  readonly environment: Readonly<Record<string, string>>;
  /** Loopback TCP port that the process will listen on. */
  readonly port: number;
  /** Base URL that the process will answer at, without a slash at the end. */
  readonly url: string;
  /** Path that answers 2xx once the process is ready. */
  readonly healthPath: string;
  /** Seconds until it must be ready. */
  readonly startSeconds: number;
  readonly logFile: string;
  readonly identityFile: string;
  /** Config key of the port, for errors. */
  readonly portSetting?: string;
}

// Only what programs need to start: the engine's environment contains the stack's passphrase.
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  "KUBECONFIG",
];
const STOP_SECONDS = 20;
const PORT_SECONDS = 1;

/**
 * Starts a process that outlives this one and waits until it answers.
 * @throws Error with the last lines of its log if it exits or does not become ready, in which case it is stopped
 */
export async function startDetached(spec: ProcessSpec): Promise<ProcessIdentity> {
  await stopDetached(spec.identityFile);
  if (!(await becomesFree(spec.port))) throw await portInUse(spec.identityFile, spec.port, spec.portSetting);
  for (const file of [spec.logFile, spec.identityFile]) await mkdir(dirname(file), { recursive: true });
  const log = openSync(spec.logFile, "a");
  const inherited = Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const child = spawn("/bin/sh", ["-c", RECORD_AND_EXEC, spec.identityFile, ...spec.command], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...inherited, ...spec.environment },
  });
  child.unref();
  closeSync(log);
  const failed = new Promise<never>((_, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => fail(new Error(`it exited with ${signal ?? `code ${code}`}`)));
  });
  const polling = new AbortController();
  try {
    await Promise.race([untilHealthy(spec, polling.signal), failed]);
  } catch (cause) {
    await stopDetached(spec.identityFile);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${spec.command.slice(0, 3).join(" ")} … did not become ready on port ${spec.port}: ${why}\n` +
        `Last lines of ${spec.logFile}:\n${await tail(spec.logFile)}`,
      { cause },
    );
  } finally {
    polling.abort();
  }
  const identity = await readIdentity(spec.identityFile);
  if (!identity) throw new Error(`${spec.identityFile} was removed while the process started`);
  return identity;
}

/** Creates the error for a port in use. @param identityFile of the process that needs the port; its folder contains the claims */
export async function portInUse(identityFile: string, port: number, setting = "mlflow.port or service.port") {
  const holder = await portHolder(dirname(identityFile), port, basename(identityFile, ".pid"));
  return new Error(`port ${port} is in use by ${holder}. Stop it, or set another ${setting}`);
}

/** Stops the process that the file names, with its children: SIGTERM first, SIGKILL after 20 s. Does nothing if it has exited. */
export async function stopDetached(identityFile: string): Promise<void> {
  const identity = await readIdentity(identityFile);
  if (identity) await endProcess(identity);
  await rm(identityFile, { force: true });
}

async function endProcess(identity: ProcessIdentity): Promise<void> {
  if (!(await isAlive(identity))) return;
  signal(identity, "SIGTERM");
  for (let waited = 0; waited < STOP_SECONDS * 1000 && (await isAlive(identity)); waited += 50) await sleep(50);
  signal(identity, "SIGKILL");
  while (await isAlive(identity)) await sleep(20);
}

/** Signals the whole process group, because an MLflow server has workers. */
function signal({ pid }: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function untilHealthy({ url, healthPath, startSeconds }: ProcessSpec, ended: AbortSignal): Promise<void> {
  const healthUrl = `${url}${healthPath}`;
  const deadline = performance.now() + startSeconds * 1000;
  while (performance.now() < deadline && !ended.aborted) {
    const ready = await fetch(healthUrl, { signal: AbortSignal.timeout(2000) }).then(
      async ({ ok, body }) => {
        await body?.cancel();
        return ok;
      },
      () => false,
    );
    if (ready) return;
    await sleep(50);
  }
  throw new Error(`${healthUrl} did not answer within ${startSeconds} s`);
}

/** Workers of a server that has just been stopped may keep its port for some milliseconds. */
async function becomesFree(port: number): Promise<boolean> {
  const deadline = performance.now() + PORT_SECONDS * 1000;
  while (await isListening(port)) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Whether something accepts connections on the loopback port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const end = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

/** Returns the end of a file as text. */
export async function tail(file: string, bytes = 2000): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, size - bytes));
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
