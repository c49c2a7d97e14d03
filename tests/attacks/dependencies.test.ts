import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { imageFiles, SBOM } from "../../infra/targets/docker/image-files.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Locked> };
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
/** The project's own: the checkout and its workspaces, which npm links. */
const isOwn = (place: string, { link, resolved }: Locked) =>
  place === "" || place === "packages/engine" || (link === true && resolved === "packages/engine");
const packages = Object.entries(lock.packages).filter(([place, locked]) => !isOwn(place, locked));
const nameOf = (place: string) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

test("a swapped package: every package of the lock file has a SHA-512, and none comes from elsewhere", () => {
  expect(packages.length).toBeGreaterThan(300);
  for (const [place, { integrity, link, resolved }] of packages)
    expect({ place, integrity, link, resolved }).toEqual({
      place,
      integrity: expect.stringMatching(/^sha512-[\w+/]{86}==$/),
    });
});

test("install scripts: every package that has one is listed, and only Node's own may run", () => {
  const scripted = [
    ...new Set(packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => nameOf(place))),
  ];
  const allowed = manifest.allowScripts as Record<string, boolean>;
  expect(Object.keys(allowed).sort()).toEqual(scripted.sort());
  expect(Object.keys(allowed).filter((name) => allowed[name])).toEqual(["node"]);
  // A package that gets a script with its next version fails the install.
  expect(readFileSync(".npmrc", "utf8")).toContain("strict-allow-scripts=true\n");
  expect(readFileSync("service/Dockerfile", "utf8")).toContain("npm ci --omit=dev --ignore-scripts");
});

test("SBOM: the image carries a CycloneDX of the very packages that npm itself finds in its lock file", async () => {
  const { files } = imageFiles(".");
  const bom = JSON.parse(files.get(SBOM) ?? "");
  expect(bom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.5" });
  expect(files.get("Dockerfile")).toContain(`COPY ${SBOM} ./`);
  expect(imageFiles(".").files.get(SBOM)).toBe(files.get(SBOM));

  const folder = join(await temporaryFolder(), "image");
  await mkdir(folder);
  // npm cannot name an application without a version.
  const application = { name: "image", version: "1.0.0", ...JSON.parse(files.get("package.json") ?? "") };
  await writeFile(join(folder, "package.json"), JSON.stringify(application));
  await writeFile(join(folder, "package-lock.json"), files.get("package-lock.json") ?? "");
  const args = ["sbom", "--package-lock-only", "--omit=dev", "--sbom-format", "cyclonedx"];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: folder, maxBuffer: 1e8 });
  interface Component {
    readonly purl: string;
    readonly version: string;
    readonly hashes: unknown;
  }
  const pick = ({ purl, version, hashes }: Component) => ({ purl, version, hashes });
  const byPurl = (a: Component, b: Component) => (a.purl < b.purl ? -1 : 1);
  const own = (bom.components as Component[]).toSorted(byPurl).map(pick);
  const npms = (JSON.parse(stdout).components as Component[]).toSorted(byPurl).map(pick);
  expect(own).toEqual(npms);
  expect(own.length).toBeGreaterThan(50);
});
