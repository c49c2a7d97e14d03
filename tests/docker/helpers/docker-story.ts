import { rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";
import { HealthAnswer } from "../../../service/contract.ts";
import type { Ran } from "../../helpers/project.ts";
import { type LoadReport, steadyLoad } from "../../helpers/steady-load.ts";
import { type DockerProject, REPOSITORY } from "./docker-project.ts";
import { NODE } from "./stand-in-images.ts";

const RATE = 200;
const BODY = JSON.stringify({ features: [[0.3, -0.7, 1.1, 0.4, -0.2, 0.9, -1.3, 0.1, 0.5, -0.6]] });
/** Files outside the image: another folder, the folder of MLflow's image, and a file of the service that no program reads. */
const UNRELATED = ["infra/unrelated-edit.ts", "infra/targets/unrelated-edit.ts", "service/unrelated-edit.md"];
/** File in the next image. */
const RELATED = "service/related-edit.ts";

export interface DockerStory {
  /** Staging's first update, without a repository. */
  readonly local: Ran;
  /** Promotion of an image that exists only on this machine. */
  readonly refused: Ran;
  readonly pushed: Ran & { readonly load: LoadReport };
  /** Preview after edits outside the image, and update with refresh. */
  readonly unrelated: Ran;
  readonly again: Ran;
  /** With a changed working tree. */
  readonly promoted: Ran & { readonly imagesMade: number };
  /** A retrained version whose preflight fails, and the same one when it passes. */
  readonly preflight: Ran & { readonly load: LoadReport; readonly served: string };
  readonly switched: Ran & { readonly load: LoadReport; readonly served: string };
  /** Version that production serves at the end. */
  readonly production: string;
  /** Features with drift on staging's page. */
  readonly drifting: readonly string[];
  /** Unpacked size without the base, megabytes. */
  readonly imageMb: number;
}

/** Runs a whole promotion on target docker with the official CLI, under load. */
export async function dockerStory(project: DockerProject, log: (line: string) => void): Promise<DockerStory> {
  const { up, set, pulumi, ports } = project;
  const url = (stack: "staging" | "production") => `http://127.0.0.1:${ports[stack]}`;
  const served = async (stack: "staging" | "production") =>
    HealthAnswer.parse(await (await fetch(`${url(stack)}/health`)).json()).version;
  const timed = async (what: string, run: () => Promise<Ran>) => {
    const start = performance.now();
    const ran = await run();
    log(`${what}: exit code ${ran.exitCode}, ${Math.round((performance.now() - start) / 100) / 10} s`);
    return ran;
  };
  const underLoad = async (what: string, run: () => Promise<Ran>) => {
    const load = steadyLoad(`${url("staging")}/predict`, BODY, RATE);
    const ran = await timed(what, run);
    await sleep(500);
    const report = await load.stop();
    log(`  ${report.sent} requests meanwhile, ${report.failed.length} failed, slowest ${report.slowestMs} ms`);
    return { ...ran, load: report, served: await served("staging") };
  };
  const promote = () => up("production");

  const local = await timed("staging, nowhere to push", () => up("staging"));
  if (local.exitCode !== 0) throw new Error(`the first update of staging failed:\n${local.output}`);
  await set("production", "promotion.version", "1");
  const refused = await timed("promotion of an image that only this machine has", promote);
  await set("staging", "image.repository", REPOSITORY);
  const pushed = await underLoad("staging, pushed to a registry", () => up("staging"));
  const edits = UNRELATED.map((path) => writeFile(path, "// An edit that does not affect the image.\n"));
  await Promise.all(edits);
  try {
    const preview = ["preview", "--expect-no-changes", "--non-interactive", "--stack", "staging"];
    const unrelated = await timed("preview after an unrelated edit", () => pulumi(...preview));
    const again = await timed("staging again, with a refresh", () => up("staging", "--refresh", "--expect-no-changes"));
    await writeFile(RELATED, "export const changed = true;\n");
    const before = await allImages();
    const promotion = await timed("promotion, with a changed working tree", promote);
    const promoted = { ...promotion, imagesMade: [...(await allImages())].filter((id) => !before.has(id)).length };
    await rm(RELATED);

    await set("staging", "training.params.C", 0.1);
    await set("staging", "service.maxLatencyMs", 0.001);
    const preflight = await underLoad("a retrained version that fails its preflight", () => up("staging"));
    await set("staging", "service.maxLatencyMs", 1000);
    const switched = await underLoad("the same version when it passes", () => up("staging"));
    const imageMb = await beyondBase(`${project.registry.address}/${REPOSITORY}`);
    const production = await served("production");
    const watched = (await (await fetch(`${url("staging")}/watch`)).json()) as { drift?: { psi: object } };
    const drifting = Object.keys(watched.drift?.psi ?? {});
    return { local, refused, pushed, unrelated, again, promoted, preflight, switched, production, drifting, imageMb };
  } finally {
    await Promise.all([...UNRELATED, RELATED].map((path) => rm(path, { force: true })));
  }
}

const allImages = async () => new Set((await docker(["images", "--all", "--quiet"])).split("\n").filter(Boolean));

async function beyondBase(repository: string): Promise<number> {
  const [id = ""] = (await docker(["images", "--quiet", repository])).split("\n");
  const size = async (image: string) => Number(await docker(["image", "inspect", "--format", "{{.Size}}", image]));
  return Math.round(((await size(id)) - (await size(NODE))) / 1e5) / 10;
}
