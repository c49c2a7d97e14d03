import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import { freePort } from "../../ports.ts";
import { claimFile, keptName, newResourceId, readClaim, releaseClaim, takeClaim } from "./claim.ts";
import { isListening, portInUse, startDetached, stopDetached } from "./detached-process.ts";
import { instanceOf, isAlive, parseInstance } from "./process-identity.ts";
import {
  callersFile,
  isTaken,
  logFile,
  otherSlot,
  type ServiceFiles,
  SLOTS,
  slotFile,
  slotOf,
  slotOfCallers,
} from "./service-slots.ts";

export interface LocalServiceInputs extends ServiceFiles {
  /** `project/stack`. Absent in the state of earlier releases. */
  readonly stack?: string | undefined;
  readonly command: readonly string[];
  /** The process also gets PORT, a free port, and SHARED_PORT, the callers' port. */
  readonly environment: Readonly<Record<string, string>>;
  /** Loopback TCP port of callers. */
  readonly port: number;
  /** Path that answers 2xx once the process is ready. */
  readonly healthPath: string;
  /** Seconds until it must be ready. */
  readonly startSeconds: number;
}

export interface LocalServiceOutputs extends LocalServiceInputs {
  readonly url: string;
  readonly instance: string;
  readonly logFile: string;
}

const claimOf = ({ folder, processName }: ServiceFiles) => claimFile(folder, processName);

/** Claims the service for a resource. @throws Error if it belongs to another stack */
async function claim(id: string, inputs: LocalServiceInputs): Promise<void> {
  const { stack, port, processName, folder } = inputs;
  if (stack === undefined) return;
  const remedy = "Set another local.dataFolder";
  await takeClaim(claimOf(inputs), { stack, resource: id, port }, `the service ${processName} in ${folder}`, remedy);
}

/** Starts the process beside the one that callers reach, which keeps serving even if the new one fails. */
async function startBeside(id: string, inputs: LocalServiceInputs): Promise<LocalServiceOutputs> {
  const serving = await slotOfCallers(inputs);
  const ours = (await Promise.all(SLOTS.map((slot) => isTaken(inputs, slot)))).includes(true);
  if (!ours && (await isListening(inputs.port)))
    throw await portInUse(callersFile(inputs), inputs.port, "service.port");
  await claim(id, inputs);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const identity = await startDetached({
    ...inputs,
    port,
    url,
    logFile: resolve(logFile(inputs)),
    environment: { ...inputs.environment, PORT: String(port), SHARED_PORT: String(inputs.port) },
    // Any process in this slot has failed its check, or is left over from a killed update.
    identityFile: slotFile(inputs, serving ? otherSlot(serving) : "a"),
  });
  return { ...inputs, url, instance: instanceOf(identity), logFile: logFile(inputs) };
}

const runs = async ({ instance }: LocalServiceOutputs): Promise<boolean> => {
  const identity = parseInstance(instance);
  return identity !== undefined && (await isAlive(identity));
};

export const provider = defineProvider({
  async check(olds: Partial<LocalServiceInputs>, news: LocalServiceInputs) {
    return { inputs: { ...news, processName: await keptName(olds, news) } };
  },
  /** A process that has exited is restarted even without changed inputs. */
  async diff(_id: string, olds: LocalServiceOutputs, news: LocalServiceInputs) {
    const replaces = changedInputs(olds, news, ["folder", "processName"]);
    const changed = changedInputs(olds, news, ["command", "environment", "port", "healthPath"]);
    const changes = replaces.length + changed.length > 0 || !(await runs(olds));
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: LocalServiceInputs) {
    const id = newResourceId(inputs.processName);
    return { id, outs: await startBeside(id, inputs) };
  },
  /** LocalRelease stops the old process after it has moved the callers. */
  async update(id: string, _olds: LocalServiceOutputs, news: LocalServiceInputs) {
    return { outs: await startBeside(id, news) };
  },
  async read(id: string, props: LocalServiceOutputs) {
    return (await runs(props)) ? { id, props } : { id: "", props: {} };
  },
  async delete(id: string, props: LocalServiceOutputs) {
    const found = await readClaim(claimOf(props));
    if (found && found.resource !== id) return endReplaced(props);
    for (const slot of SLOTS) await stopDetached(slotFile(props, slot));
    await rm(callersFile(props), { force: true });
    await releaseClaim(claimOf(props));
  },
});

/** Stops a replaced resource's process unless callers still reach it: LocalRelease stops it after it has moved them. */
async function endReplaced(props: LocalServiceOutputs): Promise<void> {
  const identity = parseInstance(props.instance);
  const slot = identity && (await slotOf(props, identity));
  if (slot && slot !== (await slotOfCallers(props))) await stopDetached(slotFile(props, slot));
}
