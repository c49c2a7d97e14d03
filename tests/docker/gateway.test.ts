import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../../infra/targets/docker/docker-cli.ts";
import { moveGateway } from "../../infra/targets/docker/move-gateway.ts";
import { HealthAnswer } from "../../service/contract.ts";
import { freePort } from "../helpers/free-port.ts";
import { steadyLoad } from "../helpers/steady-load.ts";
import { mockedStaging } from "../infra/docker/docker-program.ts";
import { type BuiltImage, buildImage } from "./helpers/built-image.ts";
import { missingForEngine } from "./helpers/engine.ts";
import { publishedUrl, runContainer } from "./helpers/run-container.ts";
import { haproxyStandIn } from "./helpers/stand-in-images.ts";

const missing = missingForEngine();
const BODY = JSON.stringify({ features: [[0.5, 1, 2]] });

describe.skipIf(missing.length > 0)(
  `the gateway on a Docker engine (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    const name = `test-gateway-${process.pid}`;
    const containers: string[] = [name];
    let image: BuiltImage;
    let url: string;
    const start = async (version: string, changes: object = {}) => {
      const described = (await mockedStaging()).resource("staging-service").inputs;
      const container = `${name}-v${version}`;
      containers.push(container);
      const envs = [...(described.envs as string[]), `MODEL_VERSION=${version}`];
      const networksAdvanced = [{ name }];
      await runContainer(container, described, { image: image.name, networksAdvanced, envs, ...changes });
      return container;
    };
    const ready = async (container: string) => {
      const own = await publishedUrl(container, 8000);
      for (let tries = 0; tries < 100 && !(await fetch(`${own}/ready`).catch(() => undefined))?.ok; tries++)
        await sleep(100);
    };
    const move = (upstream: string, version: string) =>
      moveGateway({ gateway: name, upstream, upstreamPort: 8000, version, url });
    const served = async () => HealthAnswer.parse(await (await fetch(`${url}/health`)).json()).version;

    beforeAll(async () => {
      image = await buildImage();
      await docker(["network", "create", name]);
      const described = (await mockedStaging()).resource("staging-gateway").inputs;
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      await runContainer(name, described, {
        image: await haproxyStandIn(),
        networksAdvanced: [{ name }],
        ports: [{ internal: 8000, external: port, ip: "127.0.0.1" }],
        volumes: [{ volumeName: name, containerPath: "/config" }],
      });
    });
    afterAll(async () => {
      await docker(["rm", "--force", ...containers]);
      await docker(["network", "rm", name]);
      await docker(["volume", "rm", name]);
      await image?.[Symbol.asyncDispose]();
    });

    test("returns 503 until it has a route, then serves", async () => {
      // The engine accepts connections for a container before its process listens.
      const answered = () => fetch(`${url}/health`).catch(() => undefined);
      for (let tries = 0; tries < 100 && !(await answered()); tries++) await sleep(100);
      expect((await answered())?.status).toBe(503);
      await ready(await start("1"));
      await move(`${name}-v1`, "1");
      expect(await served()).toBe("1");
    });

    test("moves to another version and back under 200 requests a second without a failed one", async () => {
      await ready(await start("2"));
      const load = steadyLoad(`${url}/predict`, BODY, 200);
      await sleep(500);
      for (const version of ["2", "1", "2"]) {
        await move(`${name}-v${version}`, version);
        expect(await served()).toBe(version);
        await sleep(300);
      }
      // The engine's last step: the old container is removed.
      await docker(["stop", "--time", "15", `${name}-v1`]);
      await sleep(300);
      const { sent, failed } = await load.stop();
      expect(failed).toEqual([]);
      expect(sent).toBeGreaterThan(200);
    });

    test("goes back to the previous container if the new one responds incorrectly, without a failed request", async () => {
      await ready(await start("3"));
      const load = steadyLoad(`${url}/predict`, BODY, 200);
      await sleep(300);
      await expect(move(`${name}-v3`, "4")).rejects.toThrow(
        /reports version 4.*Callers reach test-gateway-\d+-v2 as before/s,
      );
      expect(await served()).toBe("2");
      await expect(move("nobody", "4")).rejects.toThrow(/Callers reach test-gateway-\d+-v2 as before/);
      expect(await served()).toBe("2");
      const { sent, failed } = await load.stop();
      expect(failed).toEqual([]);
      expect(sent).toBeGreaterThan(60);
    });

    test("keeps its route after a restart", async () => {
      await docker(["restart", name]);
      for (let tries = 0; tries < 50 && !(await fetch(`${url}/ready`).catch(() => undefined))?.ok; tries++)
        await sleep(100);
      expect(await served()).toBe("2");
    });
  },
);
