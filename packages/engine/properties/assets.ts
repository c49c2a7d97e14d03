/**
 * Text and file assets, identified by the hash of their contents.
 * @module
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { needsPulumiCli, UserError } from "../failure.ts";
import { Asset, type PropertyMap } from "./value.ts";

/** Creates an asset from its fields on the wire or in a checkpoint. @param folder base of a relative path */
export function assetFrom(fields: PropertyMap, folder?: string): Asset {
  const { hash, text, path } = fields;
  if (typeof path === "string" && path !== "")
    return new Asset(
      hashOf(hash, () => readAsset(path, folder)),
      { path },
    );
  if (typeof text === "string")
    return new Asset(
      hashOf(hash, () => text),
      { text },
    );
  throw needsPulumiCli("An asset that is neither text nor a file (a remote asset)");
}

const hashOf = (known: unknown, read: () => string | Buffer) =>
  typeof known === "string" && known !== "" ? known : createHash("sha256").update(read()).digest("hex");

function readAsset(path: string, folder: string | undefined): Buffer {
  try {
    return readFileSync(resolve(folder ?? ".", path));
  } catch (error) {
    throw new UserError(`the file of the asset "${path}" cannot be read`, { cause: error });
  }
}
