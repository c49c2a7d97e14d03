import { changedInputs } from "../../dynamic/changed-inputs.ts";
import { defineProvider } from "../../dynamic/define-provider.ts";
import { driftBinsOrNone } from "./read-drift-bins.ts";

interface DriftBinsInputs {
  readonly path: string;
  readonly md5: string;
}

const told = (path: string) =>
  driftBinsOrNone(path, (why) => console.error(`the service's page shows no drift: data.reference: ${why}`));

export const provider = defineProvider({
  async diff(_id: string, olds: DriftBinsInputs & { readonly bins: string }, news: DriftBinsInputs) {
    const changed = changedInputs(olds, news, ["path", "md5"]).length > 0;
    // The data that were not here then may be here now.
    return { changes: changed || (olds.bins === "" && driftBinsOrNone(news.path) !== "") };
  },
  async create(inputs: DriftBinsInputs) {
    return { id: inputs.path, outs: { ...inputs, bins: told(inputs.path) } };
  },
  async update(_id: string, _olds: DriftBinsInputs, news: DriftBinsInputs) {
    return { outs: { ...news, bins: told(news.path) } };
  },
  async delete() {
    // It is in the state only.
  },
});
