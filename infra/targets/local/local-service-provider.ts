import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { somebodyListens, startDetached, stopDetached } from "./detached-process.ts";
import { instanceOf, isAlive, parseInstance } from "./process-identity.ts";
import {
  callersFile,
  isTaken,
  logFile,
  otherSlot,
  type ServicePlace,
  SLOTS,
  slotFile,
  slotOfCallers,
} from "./service-slots.ts";
import { sparePort } from "./spare-port.ts";

export interface LocalServiceInputs extends ServicePlace {
  readonly command: readonly string[];
  /** Beside these it gets PORT, a spare one, and SHARED_PORT, the callers'. */
  readonly environment: Readonly<Record<string, string>>;
  /** Loopback TCP port of callers. */
  readonly port: number;
  /** Path that answers 2xx once the process is ready. */
  readonly healthPath: string;
  /** Seconds that it may take to get ready. */
  readonly startSeconds: number;
}

export interface LocalServiceOutputs extends LocalServiceInputs {
  readonly url: string;
  readonly instance: string;
  readonly logFile: string;
}

/** Starts the process beside the one that callers reach, which goes on serving whatever comes of this one. */
async function startBeside(inputs: LocalServiceInputs): Promise<LocalServiceOutputs> {
  const serving = await slotOfCallers(inputs);
  const ours = (await Promise.all(SLOTS.map((slot) => isTaken(inputs, slot)))).includes(true);
  if (!ours && (await somebodyListens(inputs.port)))
    throw new Error(`port ${inputs.port} is in use by another program. Stop that program, or set another service.port`);
  const port = await sparePort();
  const url = `http://127.0.0.1:${port}`;
  const identity = await startDetached({
    ...inputs,
    ...{ port, url, logFile: resolve(logFile(inputs)) },
    environment: { ...inputs.environment, PORT: String(port), SHARED_PORT: String(inputs.port) },
    // What is in the slot has failed its verification, or is left over from an update that was killed.
    identityFile: slotFile(inputs, serving ? otherSlot(serving) : "a"),
  });
  return { ...inputs, url, instance: instanceOf(identity), logFile: logFile(inputs) };
}

const runs = async ({ instance }: LocalServiceOutputs): Promise<boolean> => {
  const identity = parseInstance(instance);
  return identity !== undefined && (await isAlive(identity));
};

export const provider = defineProvider({
  /** A process that has ended is started again, whatever the inputs. */
  async diff(_id: string, olds: LocalServiceOutputs, news: LocalServiceInputs) {
    const replaces = changedInputs(olds, news, ["folder", "processName"]);
    const changed = changedInputs(olds, news, ["command", "environment", "port", "healthPath"]);
    const changes = replaces.length + changed.length > 0 || !(await runs(olds));
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: LocalServiceInputs) {
    return { id: inputs.processName, outs: await startBeside(inputs) };
  },
  /** The old process is ended by whoever moves its callers. */
  async update(_id: string, _olds: LocalServiceOutputs, news: LocalServiceInputs) {
    return { outs: await startBeside(news) };
  },
  async read(id: string, props: LocalServiceOutputs) {
    return (await runs(props)) ? { id, props } : { id: "", props: {} };
  },
  async delete(_id: string, props: LocalServiceOutputs) {
    for (const slot of SLOTS) await stopDetached(slotFile(props, slot));
    await rm(callersFile(props), { force: true });
  },
});
