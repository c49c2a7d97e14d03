import { z } from "zod";
import { driftReferenceText, parseReferenceBins } from "../data/drift/reference-bins.ts";
import { sha256 } from "./artifact-digest.ts";
import { downloadEvidence, downloadJson, uploadArtifact } from "./artifacts.ts";
import { isSilence } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";

/** What a gate's report says of the bins that lie beside it: as the report is signed, so are they. null: the gate had no reference. */
export interface StoredBins {
  /** Of the reference snapshot. */
  readonly md5: string;
  /** Of the file. */
  readonly sha256: string;
}

/** As much of the report as is read here; one of an earlier release says nothing of bins. */
const schema = z.object({
  referenceBins: z
    .object({ md5: z.string().regex(/^[0-9a-f]{32}$/), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .nullish(),
});

const fileOf = (md5: string) => `reference-bins-${md5}.json`;

/** Uploads bins (JSON, as referenceBins writes it) beside a gate's report; answers what the report is to say of them. */
export async function storeReferenceBins(client: MlflowClient, artifactUri: string, bins: string): Promise<StoredBins> {
  const { md5 = "" } = parseReferenceBins(bins);
  await uploadArtifact(client, artifactUri, `gate/${fileOf(md5)}`, bins);
  return { md5, sha256: sha256(bins) };
}

/**
 * Reads the bins that the gate of a version left, as DRIFT_REFERENCE has them. Empty: there are none, or they cannot be trusted; the page then shows no
 * drift, which does not justify rejecting a version. Undefined: the gate of an earlier release judged it, which left none.
 * @param report artifact URI of the gate's report by which the version was approved; empty or undefined without one
 * @param say gets the reason when bins that should be there cannot be used
 */
export async function readStoredBins(
  client: MlflowClient,
  version: ModelVersion,
  report: string | undefined,
  say: (why: string) => void,
): Promise<string | undefined> {
  if (!report) return "";
  const cut = report.lastIndexOf("/");
  const folder = report.slice(0, cut);
  try {
    const { referenceBins: stored } = schema.parse(await downloadJson(client, folder, report.slice(cut + 1)));
    if (!stored) return stored === null ? "" : undefined;
    const bytes = await downloadEvidence(client, `${folder}/${fileOf(stored.md5)}`);
    const found = sha256(bytes);
    if (found !== stored.sha256)
      throw new Error(`${fileOf(stored.md5)} has the SHA-256 ${found}, but the gate's report says ${stored.sha256}`);
    return driftReferenceText(parseReferenceBins(new TextDecoder().decode(bytes)));
  } catch (error) {
    // A registry that does not answer is asked again by the next update.
    if (isSilence(error)) throw error;
    say(
      `no drift will be shown for ${version.name} version ${version.version}: the reference bins that its gate recorded cannot be used: ${(error as Error).message}. ` +
        "Judge it again in staging with data.reference set",
    );
    return "";
  }
}
