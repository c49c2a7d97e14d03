/** The npm package's target docker, in a Pulumi program of its own: the example of examples/library with `dockerTarget`. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { freePort } from "../helpers/free-port.ts";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { installPacked, packInto, predictSample } from "../helpers/packed.ts";
import { runCli } from "../helpers/pulumi-cli.ts";
import { missingForCli } from "./helpers/engine.ts";
import { type LocalRegistry, startRegistry } from "./helpers/local-registry.ts";
import { haproxyStandIn, nodeStandIn } from "./helpers/stand-in-images.ts";

const missing = missingForCli();

describe.skipIf(missing.length > 0)(
  `the npm package on target docker (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    let folder = "";
    let mlflow: RunningMlflow;
    let images: LocalRegistry;
    let port = 0;
    const pulumi = async (...args: string[]) => {
      const { exitCode, output } = await runCli(folder, args);
      expect(exitCode, output).toBe(0);
      return output;
    };
    const up = (...args: string[]) =>
      pulumi("up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev", ...args);

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "library-docker-"));
      const { filename } = await packInto(folder);
      await installPacked(folder, join(folder, filename));
      await cp("examples/library", folder, { recursive: true });
      await cp("models/churn/data", join(folder, "data"), { recursive: true });
      mlflow = await startMlflow();
      images = await startRegistry();
      port = await freePort();
      const target = {
        environment: "staging",
        port,
        mlflow: { trackingUri: mlflow.url },
        image: {
          registry: images.address,
          repository: "acme/churn-model",
          base: await nodeStandIn(),
          buildNetwork: "host",
        },
        docker: { gatewayImage: await haproxyStandIn() },
      };
      const example = await readFile("examples/library/index.ts", "utf8");
      const program = example
        .replace(
          /const target = .*\n.*\n/,
          `const target = await dockerTarget(${JSON.stringify(target)});\nconst mlflow = { trackingUri: "${mlflow.url}", url: "${mlflow.url}" };\n`,
        )
        .replace("  localTarget,\n", "")
        .replace("maxLatencyMs: 100", "maxLatencyMs: 1000");
      await writeFile(join(folder, "index.ts"), `import { dockerTarget } from "model-promotion/docker";\n${program}`);
      await writeFile(join(folder, "Pulumi.dev.yaml"), stringify({ config: { "churn:port": String(port) } }));
      await pulumi("stack", "init", "dev");
    });
    afterAll(async () => {
      await runCli(folder, ["destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"]);
      await mlflow?.stop();
      await images?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    test("trains, judges, builds an image and serves it behind the gateway; a second update changes nothing", async () => {
      await up();
      expect(await predictSample(port)).toEqual([200, expect.objectContaining({ predictions: [1] })]);
      await up("--expect-no-changes");
    });
  },
);
