import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import type { MoveRecord } from "../../record-move.ts";
import type { Release } from "./move-callers.ts";
import { isAlive, parseInstance, readIdentity } from "./process-identity.ts";
import { callersFile } from "./service-slots.ts";

export type LocalReleaseInputs = Release & MoveRecord;

/** Loaded only when there is something to move. */
async function release(inputs: LocalReleaseInputs): Promise<void> {
  const [{ recordMove }, { moveCallers }] = await Promise.all([
    import("../../record-move.ts"),
    import("./move-callers.ts"),
  ]);
  await recordMove(inputs, () => moveCallers(inputs));
}

const RELEVANT = ["processName", "folder", "instance", "version", "sha256", "port", "url"] as const;

export const provider = defineProvider({
  async diff(_id: string, olds: LocalReleaseInputs, news: LocalReleaseInputs) {
    return { changes: changedInputs(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: LocalReleaseInputs) {
    await release(inputs);
    return { id: inputs.url, outs: inputs };
  },
  async update(_id: string, _olds: LocalReleaseInputs, news: LocalReleaseInputs) {
    await release(news);
    return { outs: news };
  },
  async read(id: string, props: LocalReleaseInputs) {
    const [serving, expected] = [await readIdentity(callersFile(props)), parseInstance(props.instance)];
    const same = serving?.pid === expected?.pid && serving?.startTime === expected?.startTime;
    return serving && same && (await isAlive(serving)) ? { id, props } : { id: "", props: {} };
  },
  async delete() {
    // Callers are served until LocalService stops the process.
  },
});
