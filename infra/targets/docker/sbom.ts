import type { LockFile } from "./pruned-lock.ts";

/**
 * Creates a software bill of materials (CycloneDX 1.5) of the packages in a lock file. The output of `npm sbom` contains a time and a random
 * number, so the same image would get different layers at each build. This one depends only on the packages.
 * https://cyclonedx.org/docs/1.5/json/
 */
export function cycloneDx(name: string, { packages }: LockFile) {
  const components = new Map<string, object>();
  for (const [path, { version, integrity, license }] of Object.entries(packages)) {
    if (!path.startsWith("node_modules/") || version === undefined) continue;
    const packageName = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const purl = `pkg:npm/${packageName.replace("@", "%40")}@${version}`;
    components.set(purl, {
      "bom-ref": purl,
      type: "library",
      name: packageName,
      version,
      purl,
      ...(integrity !== undefined && { hashes: hashesOf(integrity) }),
      ...(license !== undefined && { licenses: [licenseOf(license)] }),
    });
  }
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: { "bom-ref": name, type: "application", name } },
    components: [...components.keys()].sort().map((purl) => components.get(purl)),
  };
}

const ALGORITHMS: Readonly<Record<string, string>> = { sha512: "SHA-512", sha256: "SHA-256", sha1: "SHA-1" };

/** Parses npm's `sha512-<base64>`, several separated by spaces. */
const hashesOf = (integrity: string) =>
  integrity.split(" ").flatMap((one) => {
    const cut = one.indexOf("-");
    const alg = ALGORITHMS[one.slice(0, cut)];
    return alg ? [{ alg, content: Buffer.from(one.slice(cut + 1), "base64").toString("hex") }] : [];
  });

/** An expression such as `(MIT OR Apache-2.0)` is not an SPDX license id. */
const licenseOf = (license: string) =>
  /^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license };
