import { z } from "zod";
import { driftReferenceText, parseReferenceBins } from "../data/drift/reference-bins.ts";
import { sha256 } from "./artifact-digest.ts";
import { downloadEvidence, downloadJson, uploadArtifact } from "./artifacts.ts";
import { isSilence } from "./errors.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";

/** A gate report's entry about the bins file beside it. The report's signature thereby covers the bins. null: the gate had no reference. */
export interface StoredBins {
  /** MD5 of the reference snapshot. */
  readonly md5: string;
  /** SHA-256 of the bins file. */
  readonly sha256: string;
}

/** The part of the report that is read here. Reports of earlier releases have no entry about bins. */
const schema = z.object({
  referenceBins: z
    .object({ md5: z.string().regex(/^[0-9a-f]{32}$/), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .nullish(),
});

const fileOf = (md5: string) => `reference-bins-${md5}.json`;

/** Uploads bins (JSON, as referenceBins writes it) beside a gate's report. Returns the report's entry about them. */
export async function storeReferenceBins(client: MlflowClient, artifactUri: string, bins: string): Promise<StoredBins> {
  const { md5 = "" } = parseReferenceBins(bins);
  await uploadArtifact(client, artifactUri, `gate/${fileOf(md5)}`, bins);
  return { md5, sha256: sha256(bins) };
}

/**
 * Reads the bins that a version's gate stored, in the format of DRIFT_REFERENCE. Empty if there are none or they cannot be trusted: the page
 * then shows no drift, but that must not reject the version. Undefined if an earlier release judged the version and stored none.
 * @param report artifact URI of the gate's report that approved the version; empty or undefined without one
 * @param say receives the reason if bins that should exist cannot be used
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
    // The next update retries a registry that does not respond.
    if (isSilence(error)) throw error;
    say(
      `no drift will be shown for ${version.name} version ${version.version}: the reference bins that its gate recorded cannot be used: ${(error as Error).message}. ` +
        "Judge it again in staging with data.reference set",
    );
    return "";
  }
}
