import { copyFile, open, rename, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeServed, getFresh, parseHealth } from "../../fresh-request.ts";
import { stopDetached, tail } from "./detached-process.ts";
import { isAlive, type ProcessIdentity, parseInstance } from "./process-identity.ts";
import {
  callersFile,
  isTaken,
  logFile,
  otherSlot,
  type ServiceFiles,
  type Slot,
  slotFile,
  slotOf,
} from "./service-slots.ts";

export interface Release extends ServiceFiles {
  readonly instance: string;
  readonly version: string;
  readonly sha256: string;
  readonly port: number;
  readonly url: string;
  readonly autoRollback: boolean;
}

const ANSWER_SECONDS = 10;
/** While both processes listen, new connections reach either at random. In one of a million moves, all of these miss the new one. */
const CONNECTIONS = 20;
/** On other systems, Node cannot share a port between processes: the old process stops first, which leaves a gap. */
const SHARES_PORTS = process.platform === "linux";

/**
 * Moves callers to a process that has been verified on its own port, checks it on the callers' port, and stops the process that they
 * reached before. Idempotent.
 * @throws Error if callers do not get the verified version. It describes what they get now: with `autoRollback`, the previous version
 */
export async function moveCallers(release: Release): Promise<void> {
  const next = parseInstance(release.instance);
  const slot = next && (await slotOf(release, next));
  if (!next || !slot)
    throw new Error(
      `${release.processName}: process ${release.instance} exited before callers at ${release.url} could be moved to it. ` +
        `Its log: ${logFile(release)}. Run pulumi up again: it starts another one`,
    );
  const old = otherSlot(slot);
  const before = await isTaken(release, old);
  if (before && !SHARES_PORTS) await stopDetached(slotFile(release, old));
  try {
    await listenOn(release, next);
    await confirmNext(release);
  } catch (cause) {
    throw await rollBack(release, slot, before && SHARES_PORTS, cause as Error);
  }
  await recordCallers(release, slot);
  // The old process drains. After this, no caller reaches it, even over a persistent connection.
  await stopDetached(slotFile(release, old));
}

/** Records which process callers reach. Atomic, so that a reader sees either the old or the new one. */
async function recordCallers(release: Release, slot: Slot): Promise<void> {
  const file = callersFile(release);
  await copyFile(slotFile(release, slot), `${file}.new`);
  await rename(`${file}.new`, file);
}

/** Makes the process listen on the callers' port, and waits until it reports that. */
async function listenOn(release: Release, identity: ProcessIdentity): Promise<void> {
  if (await signalAndWait(release, identity, "SIGUSR2", ({ listening }) => listening === release.url)) return;
  const log = resolve(logFile(release));
  if (!(await isAlive(identity))) throw new Error(`the process exited. Its log: ${await tail(log)}`);
  throw new Error(`the process did not listen on port ${release.port} within ${ANSWER_SECONDS} s`);
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Sends a signal and reads the log until the process has acted on it.
 * @returns false if it does not act within 10 s, or exits
 * @throws Error if it reports a failure
 */
async function signalAndWait(
  release: Release,
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  isDone: (line: Line) => boolean,
): Promise<boolean> {
  const log = resolve(logFile(release));
  const { size } = await stat(log);
  process.kill(identity.pid, signal);
  for (const deadline = performance.now() + ANSWER_SECONDS * 1000; performance.now() < deadline; await sleep(10)) {
    // Liveness is checked before the log is read, so that an entry written just before the exit counts.
    const alive = await isAlive(identity);
    for (const line of (await readFrom(log, size)).split("\n")) {
      const entry = parseLine(line);
      if (entry?.pid !== identity.pid) continue;
      if (isDone(entry)) return true;
      if (entry.level === "error" && entry.port === release.port) throw new Error(String(entry.error));
    }
    if (!alive) return false;
  }
  return false;
}

function parseLine(line: string): Line | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function readFrom(file: string, position: number): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - position), 0, size - position, position);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Confirms that the new process answers callers. Each attempt uses a new connection, because one may reach the old process, which still listens. */
async function confirmNext({ url, version, sha256 }: Release): Promise<void> {
  let last = "";
  for (let attempt = 0; attempt < CONNECTIONS; attempt++) {
    const { status, body } = await getFresh(`${url}/health`);
    const health = parseHealth(body);
    if (status === 200 && health?.version === version && health.sha256 === sha256) return;
    last = `${status} ${body.slice(0, 300)}`;
  }
  throw new Error(`none of ${CONNECTIONS} connections was answered by version ${version}; the last: ${last}`);
}

/** Moves callers back to the previous process, unless autoRollback is off. Returns the error. */
async function rollBack(release: Release, slot: Slot, canRollBack: boolean, cause: Error): Promise<Error> {
  const { version, url, autoRollback } = release;
  const failed = `callers at ${url} did not get version ${version} as it was verified: ${cause.message}`;
  if (!autoRollback) {
    await recordCallers(release, slot);
    await stopDetached(slotFile(release, otherSlot(slot)));
    return new Error(
      `${failed}\nCallers stay on it: promotion.autoRollback is false. To roll back: npm run rollback -- --stack <name>`,
      {
        cause,
      },
    );
  }
  await stopDetached(slotFile(release, slot));
  if (!canRollBack)
    return new Error(
      `${failed}\nIt was stopped. Nothing serves callers, because there is no previous process to return to`,
      { cause },
    );
  const served = await describeServed(url);
  return new Error(`${failed}\nIt was stopped, and callers are back on the previous version: ${served}`, { cause });
}
