import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeContainer } from "../../infra/deployment-check/container-proofs.ts";
import { observe } from "../../infra/deployment-check/observe.ts";
import { observeContainer } from "../../infra/deployment-check/observe-container.ts";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { imageFiles } from "../../infra/targets/docker/image-files.ts";
import { driftBinsOf } from "../../infra/targets/drift-bins-provider.ts";
import { HealthAnswer } from "../../service/contract.ts";
import type { summarise } from "../../service/watch/summary.ts";
import { DATA, mockedStaging } from "../infra/docker/docker-program.ts";
import { type BuiltImage, buildImage } from "./helpers/built-image.ts";
import { missingForEngine } from "./helpers/engine.ts";
import { publishedUrl, runContainer } from "./helpers/run-container.ts";

const missing = missingForEngine();
const REFERENCE = "models/churn/data/reference.csv";

describe.skipIf(missing.length > 0)(
  `the model's image on a Docker engine (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let image: BuiltImage;
    const containers: string[] = [];
    beforeAll(async () => {
      image = await buildImage();
    });
    afterAll(async () => {
      if (containers.length > 0) await docker(["rm", "--force", ...containers]);
      await image?.[Symbol.asyncDispose]();
    });
    const start = async (name: string, changes: object = {}) => {
      const data = { ...DATA, reference: REFERENCE };
      const answers = { "staging-drift": { bins: await driftBinsOf({ path: REFERENCE }) } };
      const described = (await mockedStaging({ settings: { data }, answers })).resource("staging-service").inputs;
      const container = `test-${name}-${process.pid}`;
      containers.push(container);
      return runContainer(container, described, {
        image: image.name,
        networksAdvanced: [],
        restart: "no",
        ...changes,
      });
    };

    test("has the same layers after a rebuild without cache, and adds less than 260 MB to its base", async () => {
      await using again = await buildImage({ cache: false });
      expect(again.layers).toEqual(image.layers);
      expect(image.bytes / 1e6).toBeLessThan(260);
      expect(image.bytes / 1e6).toBeGreaterThan(10);
    });

    test("has user, health check and labels", async () => {
      const [{ Config: config }] = JSON.parse(await docker(["image", "inspect", image.name]));
      expect(config.User).toBe("1000:1000");
      expect(config.Healthcheck.Test[0]).toBe("CMD");
      expect(config.Labels).toMatchObject({
        "org.opencontainers.image.title": "churn-model",
        "org.opencontainers.image.version": "1",
        "org.opencontainers.image.revision": "c".repeat(40),
        "model.sha256": image.sha256,
      });
    });

    test("serves in a confined container, and passes the container checks", async () => {
      const id = await start("serves");
      await docker(["update", "--pids-limit", "128", id]);
      const url = await publishedUrl(id, 8000);
      for (let tries = 0; tries < 100 && !(await fetch(`${url}/ready`).catch(() => undefined))?.ok; tries++)
        await sleep(100);
      expect(HealthAnswer.parse(await (await fetch(`${url}/health`)).json())).toMatchObject({
        stage: "Staging",
        model: "churn-model",
        version: "1",
        sha256: image.sha256,
      });
      await observe(url, [{ features: [1, 2, 3] }]);
      const watched = (await (await fetch(`${url}/watch`)).json()) as ReturnType<typeof summarise>;
      // The model names no columns, so these are positions. The check's own requests are not counted as callers'.
      expect(watched).toMatchObject({ requests: {}, drift: { rows: 0, psi: { f0: null, f1: null, f2: null } } });
      const expected = {
        id,
        image: image.name,
        limits: { memoryMb: 512, cpus: 1, pids: 128 },
        dependencies: imageFiles(".").dependencies,
      };
      const proofs = judgeContainer(await observeContainer(expected), expected);
      expect(proofs.filter(({ passed }) => !passed)).toEqual([]);
      expect(proofs.map(({ proof }) => proof)).toEqual(["image", "dependencies", "limits"]);
      const state = async () => (await docker(["inspect", "--format", "{{.State.Health.Status}}", id])).trim();
      for (let tries = 0; tries < 150 && (await state()) !== "healthy"; tries++) await sleep(100);
      expect(await state()).toBe("healthy");
      await docker(["stop", "--time", "15", id]);
      expect((await docker(["inspect", "--format", "{{.State.ExitCode}}", id])).trim()).toBe("0");
    });

    test("fails the checks in a container without limits", async () => {
      const id = await start("free", { readOnly: undefined, memory: undefined, memorySwap: undefined, user: "0:0" });
      const expected = { id, image: image.name, limits: { memoryMb: 512, cpus: 1, pids: 128 } };
      const [, , limits] = judgeContainer(await observeContainer(expected), expected);
      expect(limits).toMatchObject({ proof: "limits", passed: false });
      for (const problem of [
        "memory limit none, not 512 MB",
        "no limit of processes",
        "runs as root",
        "can write to its image",
      ])
        expect(limits?.detail).toContain(problem);
    });

    test("does not start with a model other than the approved one", async () => {
      await using other = await buildImage({ version: "2", claimedSha256: "f".repeat(64) });
      const id = await start("tampered", { image: other.name });
      expect((await docker(["wait", id])).trim()).toBe("1");
      expect(await docker(["logs", id], { both: true })).toContain("it is not the approved model");
    });
  },
);
