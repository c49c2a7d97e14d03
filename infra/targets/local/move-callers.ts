import { copyFile, open, rename, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askFresh, parseHealth, servedAt } from "../../fresh-request.ts";
import { stopDetached, tail } from "./detached-process.ts";
import { isAlive, type ProcessIdentity, parseInstance } from "./process-identity.ts";
import {
  callersFile,
  isTaken,
  logFile,
  otherSlot,
  type ServicePlace,
  type Slot,
  slotFile,
  slotOf,
} from "./service-slots.ts";

export interface Release extends ServicePlace {
  readonly instance: string;
  readonly version: string;
  readonly sha256: string;
  readonly port: number;
  readonly url: string;
  readonly autoRollback: boolean;
}

const ANSWER_SECONDS = 10;
/** While both processes listen, new connections reach either at random: this many all miss the new one in one of a million moves. */
const LOOKS = 20;
/** On other systems, Node cannot share a port between processes: the old process stops first, which leaves a gap. */
const SHARES_PORTS = process.platform === "linux";

/**
 * Moves callers to a process that has been verified on its own port, checks it as they reach it, and stops the process that they
 * reached before. Idempotent.
 * @throws Error if callers do not get what was verified; it says what they get now, which with `autoRollback` is the former version
 */
export async function moveCallers(release: Release): Promise<void> {
  const next = parseInstance(release.instance);
  const slot = next && (await slotOf(release, next));
  if (!next || !slot)
    throw new Error(
      `${release.processName}: process ${release.instance} has ended before callers at ${release.url} could be moved to it. ` +
        `Its log: ${logFile(release)}. Run pulumi up again: it starts another one`,
    );
  const old = otherSlot(slot);
  const before = await isTaken(release, old);
  if (before && !SHARES_PORTS) await stopDetached(slotFile(release, old));
  try {
    await listenOn(release, next);
    await seeNext(release);
  } catch (cause) {
    throw await goBack(release, slot, before && SHARES_PORTS, cause as Error);
  }
  await noteCallers(release, slot);
  // It drains. Once this returns, no caller reaches the old version, even over a persistent connection.
  await stopDetached(slotFile(release, old));
}

/** Renamed into place, so that a reader sees either identity. */
async function noteCallers(release: Release, slot: Slot): Promise<void> {
  const file = callersFile(release);
  await copyFile(slotFile(release, slot), `${file}.new`);
  await rename(`${file}.new`, file);
}

/** Makes the process listen on the callers' port, and waits until it reports that. */
async function listenOn(release: Release, identity: ProcessIdentity): Promise<void> {
  if (await tell(release, identity, "SIGUSR2", ({ listening }) => listening === release.url)) return;
  const log = resolve(logFile(release));
  if (!(await isAlive(identity))) throw new Error(`the process has ended. Its log: ${await tail(log)}`);
  throw new Error(`the process did not listen on port ${release.port} within ${ANSWER_SECONDS} s`);
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Sends a signal and reads the log until the process has acted on it.
 * @returns false if it does not within some seconds, or exits
 * @throws Error if it reports a failure
 */
async function tell(
  release: Release,
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  isDone: (line: Line) => boolean,
): Promise<boolean> {
  const log = resolve(logFile(release));
  const { size } = await stat(log);
  process.kill(identity.pid, signal);
  for (const deadline = performance.now() + ANSWER_SECONDS * 1000; performance.now() < deadline; await sleep(10)) {
    // Liveness is checked before the log, so that a report just before its exit counts.
    const lives = await isAlive(identity);
    for (const line of (await readFrom(log, size)).split("\n")) {
      const said = parseLine(line);
      if (said?.pid !== identity.pid) continue;
      if (isDone(said)) return true;
      if (said.level === "error" && said.port === release.port) throw new Error(String(said.error));
    }
    if (!lives) return false;
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

/** Each try uses a new connection. One that reaches the old process, which still listens, proves nothing. */
async function seeNext({ url, version, sha256 }: Release): Promise<void> {
  let last = "";
  for (let look = 0; look < LOOKS; look++) {
    const { status, body } = await askFresh(`${url}/health`);
    const health = parseHealth(body);
    if (status === 200 && health?.version === version && health.sha256 === sha256) return;
    last = `${status} ${body.slice(0, 300)}`;
  }
  throw new Error(`none of ${LOOKS} connections was answered by version ${version}; the last: ${last}`);
}

/** Moves callers back to the former process, unless autoRollback is off. */
async function goBack(release: Release, slot: Slot, canGoBack: boolean, cause: Error): Promise<Error> {
  const { version, url, autoRollback } = release;
  const failed = `callers at ${url} did not get version ${version} as it was verified: ${cause.message}`;
  if (!autoRollback) {
    await noteCallers(release, slot);
    await stopDetached(slotFile(release, otherSlot(slot)));
    return new Error(
      `${failed}\nCallers stay on it: promotion.autoRollback is false. To roll back: npm run rollback -- --stack <name>`,
      {
        cause,
      },
    );
  }
  await stopDetached(slotFile(release, slot));
  if (!canGoBack)
    return new Error(`${failed}\nIt was ended; nothing serves them: there is no process to go back to`, { cause });
  const served = await servedAt(url);
  return new Error(`${failed}\nIt was ended, and the version before has them back: ${served}`, { cause });
}
