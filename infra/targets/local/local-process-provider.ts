import { resolve } from "node:path";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import { claimFile, keptName, newResourceId, readClaim, releaseClaim, takeClaim } from "./claim.ts";
import { type ProcessSpec, startDetached, stopDetached } from "./detached-process.ts";
import { instanceOf, isAlive, type ProcessIdentity, readIdentity } from "./process-identity.ts";

export interface LocalProcessInputs extends Omit<ProcessSpec, "logFile" | "identityFile"> {
  /** Name of the process, unique in its folder. */
  readonly processName: string;
  /** Folder for its log and its identity, relative to the project's root. */
  readonly folder: string;
  /** `project/stack`. Absent in the state of earlier releases, like `data`. */
  readonly stack?: string | undefined;
  /** Folder with data that only this process may use, and a description of it. */
  readonly data?: ProcessData | undefined;
}

export interface ProcessData {
  /** Folder with data that only this process uses. */
  readonly folder: string;
  /** Description of the data and remedy, for the error that rejects another stack. */
  readonly what: string;
  readonly wayOut: string;
  /** Name of the process in earlier releases, which had no claims. */
  readonly formerName: string;
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
const claimOf = ({ folder, processName }: LocalProcessInputs) => claimFile(folder, processName);

const toOutputs = (inputs: LocalProcessInputs, identity: ProcessIdentity): LocalProcessOutputs => ({
  ...inputs,
  instance: instanceOf(identity),
  logFile: `${inputs.folder}/${inputs.processName}.log`,
});

const runs = async (inputs: LocalProcessInputs): Promise<boolean> => {
  const identity = await readIdentity(identityFile(inputs));
  return identity !== undefined && (await isAlive(identity));
};

/** Claims the process and its data for a resource. @throws Error if they belong to another stack */
async function claim(id: string, inputs: LocalProcessInputs): Promise<void> {
  const { stack, port, processName, data } = inputs;
  if (stack === undefined) return;
  if (data) await claimData(id, inputs, data, stack);
  const remedy = "Set another local.dataFolder";
  await takeClaim(
    claimOf(inputs),
    { stack, resource: id, port },
    `the process ${processName} in ${inputs.folder}`,
    remedy,
  );
}

async function claimData(id: string, inputs: LocalProcessInputs, data: ProcessData, stack: string): Promise<void> {
  const file = claimFile(data.folder, "data");
  const { folder, processName } = inputs;
  const former = { ...inputs, processName: data.formerName };
  if (processName !== data.formerName && !(await readClaim(file)) && (await runs(former)))
    throw new Error(
      `${data.what} is in use by the process ${data.formerName} in ${folder}, which another stack started. ${data.wayOut}`,
    );
  await takeClaim(file, { stack, resource: id }, data.what, data.wayOut);
}

export const provider = defineProvider({
  async check(olds: Partial<LocalProcessInputs>, news: LocalProcessInputs) {
    return { inputs: { ...news, processName: await keptName(olds, news) } };
  },
  /** A process that has exited is restarted even without changed inputs, as after a reboot. */
  async diff(_id: string, olds: LocalProcessInputs, news: LocalProcessInputs) {
    const replaces = changedInputs(olds, news, ["folder", "processName"]);
    const changed = changedInputs(olds, news, ["command", "environment", "port", "url", "healthPath"]);
    const changes = replaces.length + changed.length > 0 || !(await runs(olds));
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: LocalProcessInputs) {
    const id = newResourceId(inputs.processName);
    await claim(id, inputs);
    return { id, outs: toOutputs(inputs, await startDetached(toSpec(inputs))) };
  },
  /** Stops the old process first, because two cannot share a port. If the new one does not become ready, restarts the old one. */
  async update(id: string, olds: LocalProcessInputs, news: LocalProcessInputs) {
    await claim(id, news);
    await stopDetached(identityFile(olds));
    try {
      return { outs: toOutputs(news, await startDetached(toSpec(news))) };
    } catch (error) {
      await startDetached(toSpec(olds)).catch((again) => {
        throw new AggregateError(
          [error, again],
          `${messageOf(error)}\nThe previous process could not be restarted: ${messageOf(again)}`,
        );
      });
      throw new Error(`${messageOf(error)}\nThe previous process serves again.`, { cause: error });
    }
  },
  async read(id: string, props: LocalProcessOutputs) {
    const identity = await readIdentity(identityFile(props));
    if (!identity || !(await isAlive(identity))) return { id: "", props: {} };
    return { id, props: { ...props, ...toOutputs(props, identity) } };
  },
  /** Keeps the claim on the data, so that another stack cannot take it. */
  async delete(id: string, props: LocalProcessInputs) {
    const found = await readClaim(claimOf(props));
    // Replaced, or taken over by another stack: this resource no longer owns the process.
    if (found && found.resource !== id) return;
    await stopDetached(identityFile(props));
    await releaseClaim(claimOf(props));
    if (props.data) console.error(whereTheDataIs(props.data));
  },
});

/** Phrased to also fit an update that drops or moves the server: the embedded engine does not distinguish these from a destroy. */
function whereTheDataIs({ folder }: ProcessData): string {
  const path = resolve(folder);
  return (
    `MLflow's data is kept in the folder ${path}. An update of this stack with the same local.dataFolder uses it again. ` +
    `To remove it once the stack is destroyed: cd ${path} && rm -rf mlflow.db artifacts ${claimFile("", "data")}`
  );
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
