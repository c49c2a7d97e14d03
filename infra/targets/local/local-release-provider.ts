import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { moveCallers, type Release } from "./move-callers.ts";
import { isAlive, parseInstance, readIdentity } from "./process-identity.ts";
import { callersFile } from "./service-slots.ts";

const RELEVANT = ["processName", "folder", "instance", "version", "sha256", "port", "url"] as const;

export const provider = {
  async diff(_id: string, olds: Release, news: Release) {
    return { changes: changedInputs(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: Release) {
    await moveCallers(inputs);
    return { id: inputs.url, outs: inputs };
  },
  async update(_id: string, _olds: Release, news: Release) {
    await moveCallers(news);
    return { outs: news };
  },
  async read(id: string, props: Release) {
    const [serving, expected] = [await readIdentity(callersFile(props)), parseInstance(props.instance)];
    const same = serving?.pid === expected?.pid && serving?.startTime === expected?.startTime;
    return serving && same && (await isAlive(serving)) ? { id, props } : { id: "", props: {} };
  },
  async delete() {
    // Callers are served until their process goes.
  },
};
