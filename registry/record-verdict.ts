import { type Verdict, verdictInOrder } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { type ModelVersion, setVersionTags } from "./model-versions.ts";

type Named = Pick<ModelVersion, "name" | "version">;

/** A verdict to be recorded in the registry. */
export interface VerdictToRecord {
  readonly version: Named;
  readonly verdict: Verdict;
  /** One-line verdict; every error begins with it. */
  readonly says: string;
  /** Name of the tag that holds the verdict. */
  readonly verdictTag: string;
  /** All tags of the evidence, for the files that were uploaded; undefined when nothing was. */
  readonly tags: (files: EvidenceFiles | undefined) => Readonly<Record<string, string>>;
  /** Uploads report and signature. */
  readonly upload: () => Promise<EvidenceFiles>;
}

/** Where the files of a piece of evidence are. */
export interface EvidenceFiles {
  /** Artifact URI. */
  readonly report: string;
  /** Digest of the report's bytes. */
  readonly reportSha256: string;
  /** Artifact URI of the signed statement; empty without a signing key. */
  readonly attestation: string;
}

/** Of a verdict whose report is not recorded. */
export const NO_FILES: EvidenceFiles = { report: "", reportSha256: "", attestation: "" };

/**
 * Suspends the previous pass of a version that is about to be judged or verified again, so that a failure to record the result cannot leave a
 * stale pass. Does nothing to a version without a pass.
 * @param done what is about to be done to it, for the error
 * @throws Error when the registry does not take it: then the verdict could not be recorded either, and nothing should be judged
 */
export async function suspendPass(
  client: MlflowClient,
  version: Named & Pick<ModelVersion, "tags">,
  verdictTag: string,
  done = "judged",
): Promise<void> {
  if (version.tags[verdictTag] !== "passed") return;
  await setVersionTags(client, version, { [verdictTag]: "pending" }).catch((cause) => {
    throw new Error(
      `${version.name} version ${version.version} was not ${done}: its verdict could not be recorded: ${cause.message}`,
      { cause },
    );
  });
}

/**
 * Records a verdict on a version. A pass is written last, after all of its evidence; any other verdict is written first, and a later failure to
 * record something is reported without changing the verdict.
 * @returns the files of the evidence; a text says why they could not be recorded, which no pass survives
 * @throws Error that begins with the verdict, when a verdict, or a pass with all of its evidence, could not be recorded
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
