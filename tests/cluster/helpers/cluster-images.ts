import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";
import { pruneLock } from "../../../infra/targets/docker/pruned-lock.ts";
import { sourceClosure } from "../../../infra/targets/docker/source-closure.ts";
import { nodeStandIn, pythonStandIn } from "../../docker/helpers/stand-in-images.ts";
import { registry } from "./missing.ts";

// Each function returns an image by digest, in the cluster's registry.
const TEST_IMAGES = `${registry}/model-promotion-test`;

/** Last log line of the crashing image. */
export const LAST_WORDS = "no model for anybody here";

/** Image that sends requests until it is stopped. */
export const callersImage = () =>
  pushed("callers", async (folder) => {
    await cp("tests/cluster/helpers/callers.mjs", join(folder, "callers.mjs"));
    return `FROM ${await nodeStandIn()}\nCOPY callers.mjs /\nUSER 1000\nCMD ["node", "/callers.mjs"]\n`;
  });

/** Image that exits right after its message. */
export const crashingImage = () =>
  pushed("crashing", async () => {
    const program = `console.error(${JSON.stringify(LAST_WORDS)}); process.exitCode = 3`;
    return `FROM ${await nodeStandIn()}\nUSER 1000\nCMD ${JSON.stringify(["node", "-e", program])}\n`;
  });

/** @param repository repository to push to */
export async function mlflowImage(repository = TEST_IMAGES): Promise<string> {
  const name = `${repository}/mlflow`;
  const python = await pythonStandIn();
  await docker([
    "build",
    "--network",
    "host",
    "--build-arg",
    `PYTHON_IMAGE=${python}`,
    "--tag",
    name,
    "--file",
    "infra/targets/docker/mlflow.Dockerfile",
    "infra/targets",
  ]);
  return push(name);
}

/** Image of the sample trainer for a Job, with its imports, locked packages and data. */
export const trainerImage = (repository = TEST_IMAGES) =>
  pushed(
    "trainer",
    async (folder) => {
      const closure = sourceClosure(".", "training");
      const { manifest, lock } = pruneLock(JSON.parse(readFileSync("package-lock.json", "utf8")), closure.packages);
      await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
      await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
      for (const path of [...closure.files, "training/data"]) {
        await mkdir(dirname(join(folder, "app", path)), { recursive: true });
        // training/data/churn is a link to models/churn/data.
        await cp(path, join(folder, "app", path), { recursive: true, dereference: true });
      }
      return [
        `FROM ${await nodeStandIn()}`,
        "WORKDIR /app",
        "COPY package.json package-lock.json ./",
        "RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund",
        "COPY app ./",
        "",
      ].join("\n");
    },
    repository,
  );

/** @param fill writes the build context to a folder, and returns the Dockerfile */
export async function pushed(
  name: string,
  fill: (folder: string) => Promise<string>,
  repository = TEST_IMAGES,
): Promise<string> {
  const context = await mkdtemp(join(tmpdir(), "context-"));
  try {
    await writeFile(join(context, "Dockerfile"), await fill(context));
    const place = `${repository}/${name}`;
    await docker(["build", "--network", "host", "--tag", place, context]);
    return await push(place);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function push(name: string): Promise<string> {
  await docker(["push", "--quiet", name]);
  const digests = JSON.parse(await docker(["image", "inspect", "--format", "{{json .RepoDigests}}", name])) as string[];
  const digest = digests.find((each) => each.startsWith(`${name}@`));
  if (!digest) throw new Error(`the registry returned no digest for ${name}: ${digests.join(", ")}`);
  return digest;
}
