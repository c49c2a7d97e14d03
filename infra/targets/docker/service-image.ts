import { readFile } from "node:fs/promises";
import { IS_PACKED, ownFile } from "../../../dynamic/own-package.ts";

/** Contents of the service's image, without a model. */
export interface ServiceImage {
  /** Files of the build context by path. */
  readonly files: ReadonlyMap<string, string>;
  /** npm packages of the image: version by name, as locked. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Last commit that touched the sources, with `-dirty` if they differ from it; "unknown" without git. */
  readonly commit: string;
}

/** Path in the npm package. */
export const PACKED_IMAGE = "service-image.json";

/** Serializes the contents for the npm package: an image built from it has the same digest as one built in the checkout. */
export const packImage = ({ files, dependencies, commit }: ServiceImage): string =>
  JSON.stringify({ commit, dependencies, files: Object.fromEntries(files) });

/** Reads the image's contents: those that were packed into the npm package, or the checkout's sources. */
export async function serviceImage(): Promise<ServiceImage> {
  if (!IS_PACKED) {
    // Finds imports with TypeScript, which the npm package does not depend on.
    const { checkoutImage } = await import("./image-files.ts");
    return checkoutImage(".");
  }
  const packed = JSON.parse(await readFile(ownFile(PACKED_IMAGE), "utf8"));
  return { ...packed, files: new Map<string, string>(Object.entries(packed.files)) };
}
