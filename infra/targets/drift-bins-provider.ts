import { changedInputs } from "../../dynamic/changed-inputs.ts";
import { readDriftBins } from "./read-drift-bins.ts";

interface DriftBinsInputs {
  readonly path: string;
  readonly md5: string;
}

/** Empty where there are none: a page without drift is better than no service. */
function binsOf({ path }: DriftBinsInputs, tell: (line: string) => void): string {
  try {
    return readDriftBins(path);
  } catch (error) {
    tell(`the service's page shows no drift: data.reference: ${error instanceof Error ? error.message : error}`);
    return "";
  }
}

export const provider = {
  async diff(_id: string, olds: DriftBinsInputs & { readonly bins: string }, news: DriftBinsInputs) {
    const changed = changedInputs(olds, news, ["path", "md5"]).length > 0;
    // The data that were not here then may be here now.
    return { changes: changed || (olds.bins === "" && binsOf(news, () => {}) !== "") };
  },
  async create(inputs: DriftBinsInputs) {
    return { id: inputs.path, outs: { ...inputs, bins: binsOf(inputs, console.error) } };
  },
  async update(_id: string, _olds: DriftBinsInputs, news: DriftBinsInputs) {
    return { outs: { ...news, bins: binsOf(news, console.error) } };
  },
  async delete() {
    // It is in the state only.
  },
};
