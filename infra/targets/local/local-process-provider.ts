import { resolve } from "node:path";
import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { type ProcessSpec, startDetached, stopDetached } from "./detached-process.ts";
import { instanceOf, isAlive, type ProcessIdentity, readIdentity } from "./process-identity.ts";

export interface LocalProcessInputs extends Omit<ProcessSpec, "logFile" | "identityFile"> {
  /** Name of the process, unique in its folder. */
  readonly processName: string;
  /** Folder for its log and its identity, relative to the project's root. */
  readonly folder: string;
}

export interface LocalProcessOutputs extends LocalProcessInputs {
  readonly instance: string;
  readonly logFile: string;
}

const toSpec = (inputs: LocalProcessInputs): ProcessSpec => ({
  ...inputs,
  logFile: resolve(inputs.folder, `${inputs.processName}.log`),
  identityFile: identityFile(inputs),
});
const identityFile = ({ folder, processName }: LocalProcessInputs) => resolve(folder, `${processName}.pid`);

const toOutputs = (inputs: LocalProcessInputs, identity: ProcessIdentity): LocalProcessOutputs => ({
  ...inputs,
  instance: instanceOf(identity),
  logFile: `${inputs.folder}/${inputs.processName}.log`,
});

const runs = async (inputs: LocalProcessInputs): Promise<boolean> => {
  const identity = await readIdentity(identityFile(inputs));
  return identity !== undefined && (await isAlive(identity));
};

export const provider = defineProvider({
  /** A process that has ended is started again, whatever the inputs: the machine may have been restarted. */
  async diff(_id: string, olds: LocalProcessInputs, news: LocalProcessInputs) {
    const replaces = changedInputs(olds, news, ["folder", "processName"]);
    const changed = changedInputs(olds, news, ["command", "environment", "port", "url", "healthPath"]);
    const changes = replaces.length + changed.length > 0 || !(await runs(olds));
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: LocalProcessInputs) {
    return { id: inputs.processName, outs: toOutputs(inputs, await startDetached(toSpec(inputs))) };
  },
  /** One port holds one process, so the old one goes first. If the new one does not get ready, the old one serves again. */
  async update(_id: string, olds: LocalProcessInputs, news: LocalProcessInputs) {
    await stopDetached(identityFile(olds));
    try {
      return { outs: toOutputs(news, await startDetached(toSpec(news))) };
    } catch (error) {
      await startDetached(toSpec(olds)).catch((again) => {
        throw new AggregateError(
          [error, again],
          `${messageOf(error)}\nThe one before could not be started again: ${messageOf(again)}`,
        );
      });
      throw new Error(`${messageOf(error)}\nThe one before serves again.`, { cause: error });
    }
  },
  async read(id: string, props: LocalProcessOutputs) {
    const identity = await readIdentity(identityFile(props));
    if (!identity || !(await isAlive(identity))) return { id: "", props: {} };
    return { id, props: { ...props, ...toOutputs(props, identity) } };
  },
  async delete(_id: string, props: LocalProcessInputs) {
    await stopDetached(identityFile(props));
  },
});

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
