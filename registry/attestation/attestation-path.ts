/** Where the envelope of a model's folder lies: beside it, as the folder's digest is that of the model alone. */
export const attestationPath = (modelFolder: string): string =>
  `${modelFolder.replace(/(?<!\/)\/+$/, "")}.attestation.json`;
