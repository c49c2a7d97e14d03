import { type Verdict, verdictInOrder } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { type ModelVersion, setVersionTags } from "./model-versions.ts";

type Named = Pick<ModelVersion, "name" | "version">;

/** A verdict to be recorded in the registry. */
export interface VerdictToRecord {
  readonly version: Named;
  readonly verdict: Verdict;
  /** One-line verdict, with which every error begins. */
  readonly says: string;
  /** Name of the tag that holds the verdict. */
  readonly verdictTag: string;
  /** Returns all tags of the evidence, given the uploaded files; undefined if none were uploaded. */
  readonly tags: (files: EvidenceFiles | undefined) => Readonly<Record<string, string>>;
  /** Uploads report and signature. */
  readonly upload: () => Promise<EvidenceFiles>;
}

/** Locations of the files of a piece of evidence. */
export interface EvidenceFiles {
  /** Artifact URI. */
  readonly report: string;
  /** Digest of the report's bytes. */
  readonly reportSha256: string;
  /** Artifact URI of the signed statement; empty without a signing key. */
  readonly attestation: string;
}

/** Files of a verdict whose report is not recorded. */
export const NO_FILES: EvidenceFiles = { report: "", reportSha256: "", attestation: "" };

/**
 * Suspends the previous pass of a version that is about to be judged or verified again, so that a failure to record the result cannot leave
 * a stale pass. Does nothing for a version without a pass.
 * @param action "judged" or "verified", for the error
 * @throws Error when the registry rejects the change: the verdict could not be recorded either, so nothing should be judged
 */
export async function suspendPass(
  client: MlflowClient,
  version: Named & Pick<ModelVersion, "tags">,
  verdictTag: string,
  action = "judged",
): Promise<void> {
  if (version.tags[verdictTag] !== "passed") return;
  await setVersionTags(client, version, { [verdictTag]: "pending" }).catch((cause) => {
    throw new Error(
      `${version.name} version ${version.version} was not ${action}: its verdict could not be recorded: ${cause.message}`,
      { cause },
    );
  });
}

/**
 * Records a verdict on a version. A pass is written last, after all its evidence. Any other verdict is written first, and a later failure to
 * record its evidence is reported without changing the verdict.
 * @returns the files of the evidence or, except for a pass, a text that says why they could not be recorded
 * @throws Error that begins with the verdict, if the verdict could not be recorded, or a pass could not be recorded with all its evidence
 */
export async function recordVerdict(client: MlflowClient, record: VerdictToRecord): Promise<EvidenceFiles | string> {
  const { version, verdict, says, verdictTag, tags, upload } = record;
  const write = (files: EvidenceFiles | undefined) =>
    setVersionTags(client, version, verdictInOrder(tags(files), verdictTag, verdict));
  const failed = (what: string) => (cause: Error) => {
    throw new Error(`${says}\n  ${what}: ${cause.message}`, { cause });
  };
  if (verdict === "passed") {
    const files = await upload().catch(
      failed("It is not approved, because the evidence of this pass could not be recorded"),
    );
    await write(files).catch(failed("It is not approved, because this pass could not be recorded"));
    return files;
  }
  await write(undefined).catch(failed("This verdict could not be recorded on the version, which has no pass"));
  try {
    const files = await upload();
    await write(files);
    return files;
  } catch (error) {
    return `its report could not be recorded: ${error instanceof Error ? error.message : error}`;
  }
}
