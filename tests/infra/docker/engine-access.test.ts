import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../../../infra/settings.ts";
import { listContainers } from "../../../infra/targets/docker/engine-containers.ts";
import { loadTarget } from "../../../infra/targets/load-target.ts";
import { MLFLOW_IMAGE } from "../kubernetes/render.ts";
import { STAGING } from "./docker-program.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "docker-command-"));
  await writeFile(
    join(folder, "kubeconfig"),
    "apiVersion: v1\nkind: Config\ncurrent-context: one\ncontexts: [{name: one, context: {}}]\n",
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Creates a docker command that prints this and fails; without text, there is no such command. */
async function dockerSays(words?: string): Promise<void> {
  const before = process.env.PATH;
  onTestFinished(() => {
    process.env.PATH = before;
  });
  await rm(join(folder, "docker"), { force: true });
  if (words === undefined) {
    process.env.PATH = folder;
    return;
  }
  await writeFile(join(folder, "docker"), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`);
  await chmod(join(folder, "docker"), 0o755);
  process.env.PATH = `${folder}:${before}`;
}

const MISSING = "the docker command is not installed. Install it: https://docs.docker.com/engine/install/";
const WAY_OUT = "Start it, or name another one: pulumi config set --path docker.host <host>";

test("without a docker command", async () => {
  await dockerSays();
  await expect(listContainers(undefined)).rejects.toThrow(MISSING);
});

// Messages of Docker 28.
test.each([
  [
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
  ],
  [
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied",
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied",
  ],
  ["error during connect: ssh: connect to host\nsecond line", "error during connect: ssh: connect to host"],
])("without an engine that answers: %s", async (words, why) => {
  await dockerSays(words);
  await expect(listContainers(undefined)).rejects.toThrow(`no Docker engine answers: ${why}. ${WAY_OUT}`);
});

const settings = (changes: object) => parseSettings({ ...STAGING, ...changes }, "staging");

test.each([
  [{ target: "docker" }, MISSING],
  [
    { target: "kubernetes", image: { repository: "acme/churn" } },
    `staging builds an image, but ${MISSING}. Or set kubernetes.image to one that was built elsewhere`,
  ],
])("the program reports it without a stack trace, before it declares anything: %j", async (changes, sentence) => {
  const kubernetes = { kubeconfig: join(folder, "kubeconfig"), mlflow: { image: MLFLOW_IMAGE } };
  await dockerSays();
  await writeFile(join(folder, "kubectl"), "#!/bin/sh\n", { mode: 0o755 });
  const loading = loadTarget(settings({ ...changes, kubernetes }));
  await expect(loading).rejects.toBeInstanceOf(RunError);
  await expect(loading).rejects.toThrow(sentence);
});
