import { expect, test } from "vitest";
import { haproxyConfig, NO_ROUTE } from "../../../infra/targets/docker/haproxy-config.ts";
import { readDvcPointer } from "../../../training/dvc-pointer.ts";
import type { Mocked } from "../helpers/mocked-program.ts";
import {
  BUILD_ARGS,
  DATA,
  MODEL_SHA256,
  madeFor,
  mockedProduction,
  mockedStaging,
  PROMOTED,
  PROVED,
} from "./docker-program.ts";

const NODE = "node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6";
const GATEWAY = "haproxy:3.2.21-alpine3.24@sha256:66e25cc9a8332635f4e897f7f4b1e5622c25f09f0ee23cddc6ce9bdb3a24772a";
/** Hardening that every container has. */
const CONFINED = {
  readOnly: true,
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  restart: "unless-stopped",
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  init: true,
  mustRun: true,
};

const typesOf = ({ resources }: Mocked) => resources.map(({ type, name }) => `${name} ${type}`);
const label = (name: string, value: string) => ({ label: `model-promotion.${name}`, value });

/** Resources that both stacks have: gateway, inference container, limit, check, route, stage. */
const serving = (stack: string) => [
  `${stack} promotion:inference:InferenceService`,
  `${stack}-check pulumi-nodejs:dynamic/promotion:DeploymentCheck`,
  `${stack}-gateway docker:index/container:Container`,
  `${stack}-gateway-config docker:index/volume:Volume`,
  `${stack}-network docker:index/network:Network`,
  `${stack}-pids command:local:Command`,
  `${stack}-route pulumi-nodejs:dynamic/promotion:GatewayRoute`,
  `${stack}-service docker:index/container:Container`,
  `${stack}-stage pulumi-nodejs:dynamic/promotion:RegistryStage`,
  "docker pulumi:providers:docker",
];

test("staging has exactly these resources", async () => {
  expect(typesOf(await mockedStaging())).toEqual(
    [
      ...serving("staging"),
      "churn-model promotion:training:TrainingPipeline",
      "churn-model-gate pulumi-nodejs:dynamic/promotion:QualityGate",
      "churn-model-trainer command:local:Command",
      "mlflow-data docker:index/volume:Volume",
      "mlflow-data-kept pulumi-nodejs:dynamic/promotion:KeptVolume",
      "mlflow-image docker:index/remoteImage:RemoteImage",
      "mlflow-network docker:index/network:Network",
      "mlflow-server docker:index/container:Container",
      "staging-image docker:index/image:Image",
    ].sort(),
  );
});

test("production builds nothing: it has no docker.Image and assembles no build context", async () => {
  const never = () => {
    throw new Error("production assembled a build context");
  };
  const stack = await mockedProduction({ assemble: never });
  expect(typesOf(stack)).toEqual(
    [
      ...serving("production"),
      "production-drift pulumi-nodejs:dynamic/promotion:DriftBins",
      "production-image docker:index/remoteImage:RemoteImage",
      "promotion pulumi-nodejs:dynamic/promotion:Promotion",
    ].sort(),
  );
  expect(stack.resource("production-image").inputs).toEqual({ name: PROVED, keepLocally: true });
  expect(stack.resource("promotion").inputs).toEqual({
    modelName: "churn-model",
    version: "3",
    needsImage: true,
    registry: { trackingUri: "http://127.0.0.1:5050" },
  });
});

test("a container's page gets drift bins, because it has no local files, and the other environment's URL", async () => {
  const { training, evaluation } = DATA;
  const reference = "training/data/churn/reference.csv";
  const service = { port: 8000, otherUrl: "http://host.example:8001" };
  const settings = { data: { training, evaluation, reference }, service };
  const { resource } = await mockedStaging({ settings, answers: { "staging-drift": { bins: "[…]" } } });
  expect(resource("staging-drift").inputs).toEqual({
    path: reference,
    md5: (await readDvcPointer(`${reference}.dvc`)).md5,
    after: MODEL_SHA256,
  });
  const { envs } = resource("staging-service").inputs as { envs: string[] };
  expect(envs.slice(-2)).toEqual(["DRIFT_REFERENCE=[…]", "OTHER_URL=http://host.example:8001"]);
});

test("the page of production's container gets the bins that the version's gate recorded", async () => {
  const answers = { promotion: { ...PROMOTED, driftReference: "[gate's]" }, "production-drift": { bins: "[gate's]" } };
  const { resource } = await mockedProduction({ answers });
  expect(resource("production-drift").inputs).toEqual({ ofGate: "[gate's]", after: MODEL_SHA256 });
  const { envs } = resource("production-service").inputs as { envs: string[] };
  expect(envs.at(-1)).toBe("DRIFT_REFERENCE=[gate's]");
});

test.each([
  ["staging", mockedStaging, 8000, "Staging", 49153, { metrics: { accuracy: 0.9 } }, []],
  // It is known too late whether the gate had a reference, so the variable is always set; an empty one is ignored.
  ["production", mockedProduction, 8001, "Production", 49154, { verdict: "passed" }, ["DRIFT_REFERENCE="]],
] as const)(
  "%s: gateway, inference container, check and route fit together",
  async (stack, program, port, stage, free, card, drift) => {
    const { resource } = await program();
    expect(resource("docker").inputs).toEqual({});
    expect(resource(`${stack}-network`).inputs).toEqual({ driver: "bridge" });
    expect(resource(`${stack}-gateway-config`).inputs).toEqual({});
    expect(resource(`${stack}-gateway`).inputs).toEqual({
      ...CONFINED,
      image: GATEWAY,
      user: "99:99",
      memory: 128,
      memorySwap: 256,
      cpuPeriod: 100_000,
      cpuQuota: 100_000,
      tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=1m" },
      entrypoints: ["/bin/sh", "-c", expect.stringContaining("exec haproxy -db -f /config/haproxy.cfg")],
      envs: [`NO_ROUTE=${haproxyConfig(NO_ROUTE, 8000)}`],
      networksAdvanced: [{ name: `${stack}-network` }],
      ports: [{ internal: 8000, external: port, ip: "127.0.0.1" }],
      volumes: [{ volumeName: `${stack}-gateway-config`, containerPath: "/config" }],
      stopSignal: "SIGUSR1",
      destroyGraceSeconds: 15,
      labels: [label("environment", stack), label("role", "gateway"), ...madeFor(stack)],
    });
    expect(resource(`${stack}-service`).inputs).toEqual({
      ...CONFINED,
      image: PROVED,
      user: "1000:1000",
      memory: 512,
      memorySwap: 1024,
      cpuPeriod: 100_000,
      cpuQuota: 100_000,
      destroyGraceSeconds: 15,
      tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
      envs: [`MODEL_STAGE=${stage}`, "STOP_SECONDS=10", `MODEL_CARD=${JSON.stringify(card)}`, ...drift],
      networksAdvanced: [{ name: `${stack}-network` }],
      ports: [{ internal: 8000, ip: "127.0.0.1" }],
      labels: [
        label("environment", stack),
        label("role", "inference"),
        label("model", "churn-model"),
        label("version", "3"),
        ...madeFor(stack),
      ],
    });
    // The new container runs beside the old one until the update has succeeded; a port can have only one gateway.
    expect(resource(`${stack}-service`).options).toEqual({ deleteBeforeReplace: false });
    expect(resource(`${stack}-gateway`).options).toEqual({ deleteBeforeReplace: true });
    expect(resource(`${stack}-pids`).inputs).toEqual({
      create: `docker update --pids-limit 128 ${stack}-service-id`,
      triggers: [`${stack}-service-id`, 128],
    });
    expect(resource(`${stack}-check`).inputs).toMatchObject({
      environment: stack,
      url: `http://127.0.0.1:${free}`,
      instance: `${stack}-service-id`,
      version: "3",
      modelSha256: MODEL_SHA256,
      container: { id: `${stack}-service-id`, image: PROVED, limits: { memoryMb: 512, cpus: 1, pids: 128 } },
    });
    expect(resource(`${stack}-route`).inputs).toEqual({
      gateway: `${stack}-gateway-id`,
      upstream: `${stack}-service`,
      upstreamPort: 8000,
      version: "3",
      url: `http://127.0.0.1:${port}`,
      registry: expect.anything(),
      environment: stage.toLowerCase(),
      modelName: "churn-model",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(resource(`${stack}-stage`).inputs).toMatchObject({ version: "3", environment: stack });
  },
);

test("staging builds the image of the approved version, and does not push it without a repository", async () => {
  const { resource, outputs } = await mockedStaging();
  expect(resource("staging-image").inputs).toEqual({
    imageName: "docker.io/acme/churn-model:churn-model-v3-0123456789ab",
    build: {
      context: ".docker/churn-model-v3-0123456789ab",
      dockerfile: ".docker/churn-model-v3-0123456789ab/Dockerfile",
      args: BUILD_ARGS,
      builderVersion: "BuilderBuildKit",
      platform: "linux/amd64",
    },
    buildOnPreview: false,
    skipPush: true,
  });
  expect(resource("staging-check").inputs).toMatchObject({ container: { dependencies: { hono: "4.0.0" } } });
  expect(outputs).toMatchObject({ url: "http://127.0.0.1:8000", version: "3", proofs: ["starts: yes"] });
});

test("the default base image is pinned by digest", async () => {
  const { imageSettings } = await import("../../../infra/targets/docker/docker-settings.ts");
  expect(imageSettings.parse({}).base).toBe(NODE);
});
