import { expect, test } from "vitest";
import { parseSettings } from "../../../infra/settings.ts";
import type { Registered } from "../helpers/mocked-program.ts";
import { MLFLOW_BY_DIGEST, madeFor, mockedProduction, mockedStaging, STAGING } from "./docker-program.ts";

const VOLUME = "model-promotion_staging_mlflow-data";
/** MLflow's container as an earlier release created it. */
const EARLIER = {
  name: "m",
  image: "i",
  running: true,
  networks: ["n"],
  volumes: ["mlflow-data-1"],
  ports: [{ address: "127.0.0.1", port: 5050 }],
  labels: { role: "mlflow", environment: "", model: "", stack: "", generation: "" },
};
const [stackLabel] = madeFor("staging");
const envs = ({ inputs }: Registered) => inputs.envs as string[];

test("mlflow: a pinned official image on a loopback port, SQLite on a volume, with a health check", async () => {
  const { resource } = await mockedStaging();
  expect(resource("mlflow-network").inputs).toEqual({ driver: "bridge" });
  expect(resource("mlflow-data").inputs).toEqual({
    name: "model-promotion_staging_mlflow-data",
    labels: [{ label: "model-promotion.role", value: "mlflow-data" }, stackLabel],
  });
  expect(resource("mlflow-server").inputs).toEqual({
    image: MLFLOW_BY_DIGEST,
    user: "0:0",
    memory: 2048,
    memorySwap: 4096,
    cpuPeriod: 100_000,
    cpuQuota: 200_000,
    destroyGraceSeconds: 15,
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    restart: "unless-stopped",
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    init: true,
    mustRun: true,
    wait: true,
    waitTimeout: 180,
    tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=256m" },
    command: ["mlflow", "server", "--workers", "1", "--serve-artifacts"],
    envs: [
      "MLFLOW_HOST=0.0.0.0",
      "MLFLOW_PORT=5000",
      "MLFLOW_BACKEND_STORE_URI=sqlite:////data/mlflow.db",
      "MLFLOW_ARTIFACTS_DESTINATION=/data/artifacts",
      "MLFLOW_SERVER_ALLOWED_HOSTS=localhost,localhost:5050,127.0.0.1,127.0.0.1:5050",
      "MLFLOW_DISABLE_TELEMETRY=true",
      "DO_NOT_TRACK=true",
      "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false",
      "HOME=/tmp",
    ],
    networksAdvanced: [{ name: "mlflow-network" }],
    ports: [{ internal: 5000, external: 5050, ip: "127.0.0.1" }],
    volumes: [{ volumeName: VOLUME, containerPath: "/data" }],
    healthcheck: {
      tests: ["CMD", "python", "-c", expect.stringContaining("http://127.0.0.1:5000/health")],
      interval: "5s",
      timeout: "5s",
      startPeriod: "1m0s",
      retries: 6,
    },
    labels: [{ label: "model-promotion.role", value: "mlflow" }, ...madeFor("staging")],
  });
});

test("mlflow: its data outlives the stack, in a volume that no change replaces", async () => {
  const { resource } = await mockedStaging();
  const ignoreChanges = ["name", "labels", "driver", "driverOpts"];
  expect(resource("mlflow-data").options).toEqual({ retainOnDelete: true, ignoreChanges });
  expect(resource("mlflow-server").options).toEqual({ deleteBeforeReplace: true });
  expect(resource("mlflow-data-kept").inputs).toEqual({ volume: VOLUME, next: VOLUME, port: 5050, keep: true });
});

test.each([
  [{ keepData: false }, false],
  [{ protect: false }, false],
  [{ protect: true }, true],
  [{ protect: false, keepData: false }, false],
])("mlflow: what becomes of its data with docker: %j", async (docker, keep) => {
  const { resource } = await mockedStaging({ settings: { docker } });
  expect(resource("mlflow-data-kept").inputs).toMatchObject({ keep });
  // Whatever the config says, the provider never removes the volume.
  expect(resource("mlflow-data").options).toMatchObject({ retainOnDelete: true });
});

test("mlflow: rejects a former key that contradicts the current one", () => {
  const settings = { ...STAGING, docker: { protect: true, keepData: false } };
  expect(() => parseSettings(settings, "staging")).toThrow(
    "docker.protect is the former name of docker.keepData and contradicts it: remove it (stack staging)",
  );
});

test("mlflow: a volume that config names, and one of an earlier release, which runs", async () => {
  const named = await mockedStaging({ settings: { mlflow: { volume: "mlflow-data-716ec3e" } } });
  expect(named.resource("mlflow-data").inputs).toMatchObject({ name: "mlflow-data-716ec3e" });
  expect(named.resource("mlflow-server").inputs.volumes).toMatchObject([{ volumeName: "mlflow-data-716ec3e" }]);
  const earlier = await mockedStaging({ containers: [EARLIER] });
  // Should it be replaced (--replace, taint), then by itself.
  expect(earlier.resource("mlflow-data").inputs).toMatchObject({ name: "mlflow-data-1" });
});

test("mlflow: Postgres and S3 by settings and secrets, other hosts, another port and address", async () => {
  const { resource } = await mockedStaging({
    settings: {
      mlflow: {
        image: "build",
        backendStoreUri: "postgresql://mlflow:word@db/mlflow",
        artifactRoot: "s3://bucket/models",
        s3Endpoint: "http://minio:9000",
        allowedHosts: ["mlflow.example.org"],
        port: 5055,
        address: "0.0.0.0",
      },
    },
    secrets: { mlflowAwsAccessKeyId: "id", mlflowAwsSecretAccessKey: "key" },
  });
  const server = resource("mlflow-server");
  expect(envs(server)).toEqual(
    expect.arrayContaining([
      // With the driver that works with MLflow, whatever SQLAlchemy's default is.
      "MLFLOW_BACKEND_STORE_URI=postgresql+psycopg2://mlflow:word@db/mlflow",
      "MLFLOW_ARTIFACTS_DESTINATION=s3://bucket/models",
      "MLFLOW_S3_ENDPOINT_URL=http://minio:9000",
      "AWS_ACCESS_KEY_ID=id",
      "AWS_SECRET_ACCESS_KEY=key",
      "MLFLOW_SERVER_ALLOWED_HOSTS=localhost,localhost:5055,127.0.0.1,127.0.0.1:5055,mlflow.example.org,mlflow.example.org:5055",
    ]),
  );
  expect(server.inputs.ports).toEqual([{ internal: 5000, external: 5055, ip: "0.0.0.0" }]);
  expect(server.secrets).toEqual(["envs"]);
  expect(JSON.stringify(server.inputs.command)).not.toContain("word");
});

test("mlflow: builds an image from the pinned requirements", async () => {
  const { resource } = await mockedStaging({ settings: { mlflow: { image: "build" } } });
  const build = {
    context: "infra/targets",
    dockerfile: "infra/targets/docker/mlflow.Dockerfile",
    args: { PYTHON_IMAGE: expect.stringMatching(/^python:3\.\d+-slim@sha256:[0-9a-f]{64}$/) },
    builderVersion: "BuilderBuildKit",
    platform: "linux/amd64",
  };
  const inputs = { imageName: "model-promotion-staging-mlflow:local", build, buildOnPreview: false, skipPush: true };
  expect(resource("mlflow-image").inputs).toEqual(inputs);
  // An image of an earlier release keeps its name, which all stacks shared.
  expect(resource("mlflow-image").options).toEqual({ ignoreChanges: ["imageName"] });
  const other = await mockedStaging({
    settings: { mlflow: { image: "build", base: "mirror/python:3.12" }, image: { buildNetwork: "host" } },
  });
  expect(other.resource("mlflow-image").inputs).toEqual({
    ...inputs,
    build: { ...build, args: { PYTHON_IMAGE: "mirror/python:3.12" }, network: "host" },
  });
});

test("mlflow: resolves a tag once, when the image is pulled, and runs the container by digest", async () => {
  const { resource } = await mockedStaging();
  expect(resource("mlflow-image").type).toBe("docker:index/remoteImage:RemoteImage");
  expect(resource("mlflow-image").inputs).toEqual({ name: "ghcr.io/mlflow/mlflow:v3.17.2", keepLocally: true });
  const built = `sha256:${"c".repeat(64)}`;
  // A local image has no registry digest.
  const answers = { "mlflow-image": { repoDigest: "", imageId: built } };
  const own = await mockedStaging({ settings: { mlflow: { image: "mlflow:mine" } }, answers });
  expect(own.resource("mlflow-server").inputs.image).toBe(built);
});

test("mlflow: runs an image that the config names by digest as it is", async () => {
  const image = `mlflow@sha256:${"d".repeat(64)}`;
  const { resources, resource } = await mockedStaging({ settings: { mlflow: { image } } });
  expect(resource("mlflow-server").inputs.image).toBe(image);
  expect(resources.map(({ name }) => name)).not.toContain("mlflow-image");
});

test("mlflow: keeps a server that an earlier release started from this tag, and replaces one from another tag", async () => {
  const started = (image: string) => [{ ...EARLIER, image }];
  const same = await mockedStaging({ containers: started("ghcr.io/mlflow/mlflow:v3.17.2") });
  expect(same.resource("mlflow-server").inputs.image).toBe("ghcr.io/mlflow/mlflow:v3.17.2");
  const other = await mockedStaging({ containers: started("ghcr.io/mlflow/mlflow:v3.16.0") });
  expect(other.resource("mlflow-server").inputs.image).toBe(MLFLOW_BY_DIGEST);
});

test("mlflow: an existing server instead, with username and token from secrets", async () => {
  const trackingUri = "https://dagshub.com/acme/churn.mlflow";
  const secrets = { mlflowUsername: "acme", mlflowPassword: "token" };
  const { resources, resource, outputs } = await mockedStaging({ settings: { mlflow: { trackingUri } }, secrets });
  expect(resources.filter(({ name }) => name.startsWith("mlflow"))).toEqual([]);
  expect(resource("churn-model-gate").inputs.registry).toEqual({ trackingUri, username: "acme", password: "token" });
  expect(resource("churn-model-gate").secrets).toEqual(["registry"]);
  expect(outputs.trackingUri).toBe(trackingUri);
});

test("production reads the registry's URL from staging's outputs by a stack reference", async () => {
  const stack = "organization/model-promotion/staging";
  const { resource } = await mockedProduction({
    settings: { mlflow: { stack } },
    answers: { [stack]: { outputs: { trackingUri: "http://mlflow:5050" } } },
  });
  expect(resource(stack).type).toBe("pulumi:pulumi:StackReference");
  expect(resource("promotion").inputs.registry).toEqual({ trackingUri: "http://mlflow:5050" });
});

test("image: pushed and pulled with registry credentials from secrets", async () => {
  const credentials = { username: "acme", password: "word" };
  const secrets = { imageRegistryUsername: "acme", imageRegistryPassword: "word" };
  const image = { registry: "localhost:5001", repository: "acme/churn-model", buildNetwork: "host" };
  const { resource } = await mockedStaging({ settings: { image: { ...image, platform: "linux/arm64" } }, secrets });
  expect(resource("docker").inputs).toEqual({
    registryAuth: JSON.stringify([{ address: "localhost:5001", ...credentials }]),
  });
  expect(resource("docker").secrets).toEqual(["registryAuth"]);
  expect(resource("staging-image").secrets).toEqual(["registry"]);
  expect(resource("staging-image").inputs).toMatchObject({
    skipPush: false,
    registry: { server: "localhost:5001", ...credentials },
    build: { network: "host", platform: "linux/arm64" },
  });
});

test("containers: another engine, address, gateway, limits and an API token", async () => {
  const { resource } = await mockedProduction({
    settings: {
      docker: {
        host: "unix:///run/user/1000/docker.sock",
        address: "0.0.0.0",
        gatewayImage: "haproxy:3.2-alpine",
        memoryMb: 256,
        cpus: 0.5,
        pids: 64,
      },
    },
    secrets: { serviceApiToken: "secret-token-of-a-test" },
  });
  const host = "unix:///run/user/1000/docker.sock";
  expect(resource("docker").inputs).toEqual({ host });
  expect(resource("production-gateway").inputs).toMatchObject({
    image: "haproxy:3.2-alpine",
    ports: [{ internal: 8000, external: 8001, ip: "0.0.0.0" }],
  });
  const service = resource("production-service");
  expect(service.inputs).toMatchObject({ memory: 256, memorySwap: 512, cpuPeriod: 100_000, cpuQuota: 50_000 });
  expect(service.inputs.ports).toEqual([{ internal: 8000, ip: "127.0.0.1" }]);
  expect(envs(service)).toContain("API_TOKEN=secret-token-of-a-test");
  expect(service.secrets).toEqual(["envs"]);
  expect(resource("production-check").secrets).toEqual(["apiToken"]);
  expect(resource("production-pids").inputs.create).toBe(
    `docker --host ${host} update --pids-limit 64 production-service-id`,
  );
  expect(resource("production-route").inputs).toMatchObject({ host });
  expect(resource("production-check").inputs).toMatchObject({
    apiToken: "secret-token-of-a-test",
    container: { host, limits: { memoryMb: 256, cpus: 0.5, pids: 64 } },
  });
});

test.each([
  ["0.0.0.0", "127.0.0.1"],
  ["10.0.0.5", "10.0.0.5"],
  ["::", "[::1]"],
])("what is published on %s is called by %s", async (address, host) => {
  const stack = await mockedStaging({ settings: { docker: { address }, mlflow: { address } } });
  expect(stack.outputs).toMatchObject({ trackingUri: `http://${host}:5050`, url: `http://${host}:8000` });
  expect(stack.resource("staging-route").inputs.url).toBe(`http://${host}:8000`);
  expect(stack.resource("staging-check").inputs.callersUrl).toBe(`http://${host}:8000`);
  expect(
    envs(stack.resource("mlflow-server")).find((each) => each.startsWith("MLFLOW_SERVER_ALLOWED_HOSTS")),
  ).toContain(`,${host},${host}:5050`);
});
