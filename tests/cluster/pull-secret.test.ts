import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { kubectl } from "./helpers/kubectl.ts";
import { loginRegistry } from "./helpers/login-registry.ts";
import { missingForCluster } from "./helpers/missing.ts";

const login = loginRegistry();
const missing = [
  ...missingForCluster(),
  ...(login ? [] : ["a registry with a login, named by CLUSTER_LOGIN_REGISTRY=user:password@host:port"]),
];

describe.skipIf(missing.length > 0)(
  `images in a registry with a login (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    const { timed } = figures();
    let project: ClusterProject;
    const up = (stack: string) => timed(`up ${stack}`, () => project.up(stack));

    beforeAll(async () => {
      if (!login) throw new Error("no registry with a login");
      project = await timed("images", () => makeClusterProject({ job: true, login }));
    });
    afterAll(() => project?.[Symbol.asyncDispose]());

    test("without credentials, the update reports that the image was refused", async () => {
      await project.set("staging", "kubernetes.rolloutTimeoutSeconds", 20);
      const { exitCode, output } = await up("staging");
      expect(exitCode, output).not.toBe(0);
      expect(output).toMatch(/(ErrImagePull|ImagePullBackOff)/);
      expect(output).toMatch(/authoriz|authentic|credential|401|denied/i);
      await project.set("staging", "kubernetes.rolloutTimeoutSeconds", undefined);
    });

    test("with credentials, pulls the images of MLflow, trainer and service, in staging and production", async () => {
      for (const stack of ["staging", "production"]) {
        await project.must("config", "set", "--stack", stack, "imageRegistryUsername", login?.user ?? "");
        await project.must(
          "config",
          "set",
          "--stack",
          stack,
          "--secret",
          "imageRegistryPassword",
          login?.password ?? "",
        );
      }
      await project.set("production", "promotion.version", "1");
      for (const stack of ["staging", "production"]) {
        const { exitCode, output } = await up(stack);
        expect(exitCode, output).toBe(0);
      }
      expect(await project.stages()).toBe("Staging none, Production 1");
      for (const environment of ["staging", "production"] as const) {
        const images = ["get", "pods", "--output", "jsonpath={.items[*].spec.containers[*].image}"];
        const all = (await kubectl(["--namespace", project.namespace(environment), ...images])).split(" ");
        expect(all.filter((image) => !image.startsWith(`${login?.address}/`))).toEqual([]);
      }
    });

    test("a second update changes nothing", async () => {
      for (const stack of ["staging", "production"]) {
        const { exitCode, output } = await project.up(stack, "--expect-no-changes", "--skip-preview", "--refresh");
        expect(exitCode, output).toBe(0);
      }
    });
  },
);
