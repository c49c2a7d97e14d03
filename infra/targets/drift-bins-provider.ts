import { driftReferenceText, parseReferenceBins } from "../../data/drift/reference-bins.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { defineProvider } from "../../dynamic/define-provider.ts";
import { changedInputs, isKnown } from "../../dynamic/provider-inputs.ts";

interface DriftBinsInputs {
  readonly ofGate?: string | undefined;
  readonly path?: string | undefined;
  readonly md5?: string | undefined;
  readonly format?: DataFormat | undefined;
}

/** Returns the bins, or an empty text if there are none. @param report receives the reason */
export async function driftBinsOf(
  { ofGate, path, md5, format }: DriftBinsInputs,
  report: (why: string) => void = () => {},
) {
  if (ofGate !== undefined) return ofGate;
  if (path === undefined) return "";
  // Loaded only here, so that an update that reads no snapshot does not pay for the readers.
  const { referenceBinsOrNone } = await import("../../training/gate/reference-bins.ts");
  const bins = await referenceBinsOrNone(path, { ...(md5 !== "" && { md5 }), format }, report);
  return bins === undefined ? "" : driftReferenceText(parseReferenceBins(bins));
}

const withReason = (inputs: DriftBinsInputs) =>
  driftBinsOf(inputs, (why) => console.error(`the service's page shows no drift: data.reference: ${why}`));

const KEYS = ["ofGate", "path", "md5", "format"] as const;

export const provider = defineProvider({
  async diff(_id: string, olds: DriftBinsInputs & { readonly bins: string }, news: DriftBinsInputs) {
    // Unknown inputs are not compared: a pending gate may build the same bins, and its verdict changes the service anyway.
    const known = KEYS.filter((key) => isKnown(news[key]));
    if (changedInputs(olds, news, known).length > 0) return { changes: true };
    // Data that was missing may be available now.
    return { changes: known.length === KEYS.length && olds.bins === "" && (await driftBinsOf(news)) !== "" };
  },
  async create(inputs: DriftBinsInputs) {
    return { id: inputs.path ?? "gate", outs: { ...inputs, bins: await withReason(inputs) } };
  },
  async update(_id: string, _olds: DriftBinsInputs, news: DriftBinsInputs) {
    return { outs: { ...news, bins: await withReason(news) } };
  },
  async delete() {
    // The bins exist only in the state.
  },
});
