/** A version whose files lie in a folder. */
export interface FolderVersion {
  readonly name: string;
  readonly version: string;
}

const withoutSlash = (folder: string) => folder.replace(/(?<!\/)\/+$/, "");

/** Where the envelope of a model's folder lies: beside it, as the folder's digest is that of the model alone. For a folder of one version, as in an image. */
export const attestationPath = (modelFolder: string): string => `${withoutSlash(modelFolder)}.attestation.json`;

/** The same where versions may share a folder, since their files are identical: each has an envelope of its own. */
export const versionAttestationPath = (modelFolder: string, { name, version }: FolderVersion): string =>
  `${withoutSlash(modelFolder)}.${encodeURIComponent(name)}-${encodeURIComponent(version)}.attestation.json`;
