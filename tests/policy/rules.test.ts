import { Secret } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { imagesByDigest } from "../../policy/rules/images-by-digest.ts";
import { limitsSet } from "../../policy/rules/limits-set.ts";
import { mlflowNotPublic } from "../../policy/rules/mlflow-not-public.ts";
import { productionNeverTrains } from "../../policy/rules/production-never-trains.ts";
import type { Subject } from "../../policy/rules/rule.ts";
import { markSecrets, plainTextSecrets } from "../../policy/rules/secrets-encrypted.ts";
import { mockedProduction, mockedStaging } from "../infra/docker/docker-program.ts";
import { askedOf, EVERYTHING } from "../infra/kubernetes/render.ts";

const DIGEST = `sha256:${"d".repeat(64)}`;
const docker = (props: object): Subject => ({
  type: "docker:index/container:Container",
  props: { name: "c", image: `app@${DIGEST}`, memory: 512, cpuQuota: 100_000, ...props },
});
const pod = (container: object, kind = "Deployment"): Subject => {
  const spec = {
    containers: [
      { name: "c", image: `app@${DIGEST}`, resources: { limits: { memory: "1Gi", cpu: "1" } }, ...container },
    ],
  };
  if (kind === "Pod") return { type: "kubernetes:core/v1:Pod", props: { kind, spec } };
  if (kind === "CronJob")
    return {
      type: "kubernetes:batch/v1:CronJob",
      props: { kind, spec: { jobTemplate: { spec: { template: { spec } } } } },
    };
  return { type: `kubernetes:apps/v1:${kind}`, props: { kind, spec: { template: { spec } } } };
};
const pulled = (name: string): Subject => ({ type: "docker:index/remoteImage:RemoteImage", props: { name } });
const KINDS = ["Deployment", "StatefulSet", "Pod", "CronJob"];

describe("images by digest", () => {
  test("allows digests and local ids, wherever the container is", () => {
    for (const image of [`app@${DIGEST}`, `host:5000/a/b:tag@${DIGEST}`, DIGEST])
      for (const subject of [docker({ image }), ...KINDS.map((kind) => pod({ image }, kind))])
        expect(imagesByDigest(subject)).toEqual([]);
    expect(imagesByDigest({ type: "docker:index/remoteImage:RemoteImage", props: { name: `a@${DIGEST}` } })).toEqual(
      [],
    );
  });
  test.each(["app", "app:latest", "app:sha256", `app@${DIGEST}0`, ""])("rejects %j", (image) => {
    for (const subject of [docker({ image }), ...KINDS.map((kind) => pod({ image }, kind))])
      expect(imagesByDigest(subject)).toEqual([expect.stringContaining("container c runs")]);
    expect(imagesByDigest(pulled(image))).toHaveLength(1);
  });
  test.each(["mlflow:v3.17.2", "ghcr.io/mlflow/mlflow:v3.17.2", "localhost:5000/node:24.21.0-bookworm-slim"])(
    "lets %s be pulled, by the tag of a release, and no container run it by that",
    (image) => {
      expect(imagesByDigest(pulled(image))).toEqual([]);
      expect(imagesByDigest(docker({ image }))).toHaveLength(1);
    },
  );
  test.each([
    "mlflow",
    "mlflow:latest",
    "mlflow:v3",
    "mlflow:v3.17",
    "node:24-slim",
    "host:5000.1.2/mlflow",
    "mlflow:1.2.3@sha256:0",
  ])("refuses to pull %s", (image) => {
    expect(imagesByDigest(pulled(image))).toEqual([
      `pulled image ${image} is not pinned: use a digest (name@sha256:…) or a release tag (name:1.2.3)`,
    ]);
  });
  test("checks init containers as well", () => {
    const props = { kind: "Pod", spec: { initContainers: [{ name: "i", image: "app" }], containers: [] } };
    expect(imagesByDigest({ type: "kubernetes:core/v1:Pod", props })).toHaveLength(1);
  });
});

describe("limits set", () => {
  test("allows containers with both limits", () => {
    for (const subject of [
      docker({}),
      docker({ cpuQuota: undefined, cpus: "0.5" }),
      ...KINDS.map((kind) => pod({}, kind)),
    ])
      expect(limitsSet(subject)).toEqual([]);
  });
  test("rejects a container without a memory limit, a cpu limit or both", () => {
    expect(limitsSet(docker({ memory: undefined }))).toEqual(["container c has no memory limit"]);
    expect(limitsSet(docker({ cpuQuota: 0 }))).toEqual(["container c has no cpu limit"]);
    for (const kind of KINDS) {
      expect(limitsSet(pod({ resources: { limits: { cpu: "1" } } }, kind))).toEqual([
        "container c has no memory limit",
      ]);
      expect(limitsSet(pod({ resources: { requests: { cpu: "1", memory: "1Gi" } } }, kind))).toHaveLength(2);
      expect(limitsSet(pod({ resources: undefined }, kind))).toHaveLength(2);
    }
  });
});

describe("no public MLflow", () => {
  const mlflow = (ip?: string) => docker({ image: `mlflow@${DIGEST}`, ports: [{ internal: 5000, ip }] });
  const service = (type?: string): Subject => ({
    type: "kubernetes:core/v1:Service",
    props: { kind: "Service", metadata: { name: "mlflow" }, spec: { type } },
  });
  test("allows loopback, unpublished ports and ClusterIP, and any port of other containers", () => {
    for (const subject of [
      mlflow("127.0.0.1"),
      mlflow("::1"),
      docker({ image: `mlflow@${DIGEST}` }),
      service(),
      service("ClusterIP"),
    ])
      expect(mlflowNotPublic(subject)).toEqual([]);
    expect(mlflowNotPublic(docker({ ports: [{ internal: 80, ip: "0.0.0.0" }] }))).toEqual([]);
  });
  test("rejects a port on another address, and a Service or route that is reachable from outside", () => {
    for (const ip of ["0.0.0.0", "::", "192.168.0.1", undefined, "127.evil"])
      expect(mlflowNotPublic(mlflow(ip))).toEqual([expect.stringContaining("MLflow's port listens on")]);
    for (const type of ["LoadBalancer", "NodePort"]) expect(mlflowNotPublic(service(type))).toHaveLength(1);
    expect(mlflowNotPublic(docker({ image: `mlflow@${DIGEST}`, networkMode: "host" }))).toHaveLength(1);
    const outside = { ...service().props, spec: { externalIPs: ["192.0.2.1"] } };
    expect(mlflowNotPublic({ type: "kubernetes:core/v1:Service", props: outside })).toHaveLength(1);
    for (const pod of [{ hostNetwork: true }, { containers: [{ ports: [{ containerPort: 5000, hostPort: 5000 }] }] }]) {
      const props = { kind: "Deployment", metadata: { name: "mlflow" }, spec: { template: { spec: pod } } };
      expect(mlflowNotPublic({ type: "kubernetes:apps/v1:Deployment", props })).toHaveLength(1);
    }
    const ingress = { rules: [{ http: { paths: [{ backend: { service: { name: "mlflow" } } }] } }] };
    const route = { rules: [{ backendRefs: [{ name: "mlflow" }] }] };
    for (const [kind, spec] of [
      ["Ingress", ingress],
      ["Ingress", { defaultBackend: { service: { name: "mlflow" } } }],
      ["HTTPRoute", route],
    ] as const)
      expect(mlflowNotPublic({ type: `kubernetes:x:${kind}`, props: { kind, metadata: { name: "r" }, spec } })).toEqual(
        [`${kind} r exposes MLflow outside the cluster: remove it`],
      );
  });
});

describe("secrets encrypted", () => {
  test("allows variables from Secrets, empty variables and public keys", () => {
    const env = [
      { name: "API_TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      { name: "MLFLOW_TRACKING_PASSWORD", value: "" },
      { name: "GATE_PUBLIC_KEY", value: "pem" },
      { name: "TOKENIZER", value: "bpe" },
    ];
    for (const kind of KINDS) expect(plainTextSecrets(pod({ env }, kind))).toEqual([]);
    expect(markSecrets(docker({ envs: ["MODEL_STAGE=Staging", "GATE_PUBLIC_KEY=pem"] }))).toBeUndefined();
    expect(markSecrets({ type: "command:local:Command", props: { environment: { MODEL_NAME: "m" } } })).toBeUndefined();
  });
  test("ignores empty values, which hold no secret", () => {
    const environment = { MLFLOW_TRACKING_TOKEN: "", PULUMI_CONFIG_PASSPHRASE: "", MODEL_NAME: "m" };
    expect(markSecrets({ type: "command:local:Command", props: { environment } })).toBeUndefined();
    const some = { ...environment, MLFLOW_TRACKING_PASSWORD: "word" };
    expect(markSecrets({ type: "command:local:Command", props: { environment: some } })?.environment).toEqual({
      ...environment,
      MLFLOW_TRACKING_PASSWORD: new Secret("word"),
    });
    expect(markSecrets(docker({ envs: ["API_TOKEN=", "API_TOKEN", "MODEL_STAGE=Staging"] }))).toBeUndefined();
    expect(markSecrets(docker({ envs: ["API_TOKEN=a=b", "DB_PASSWORD="] }))?.envs).toEqual([
      new Secret("API_TOKEN=a=b"),
      "DB_PASSWORD=",
    ]);
  });
  test("rejects plain values with secret names in pods and ConfigMaps", () => {
    for (const name of [
      "API_TOKEN",
      "MLFLOW_TRACKING_PASSWORD",
      "AWS_SECRET_ACCESS_KEY",
      "gateSigningKey",
      "db_credentials",
    ]) {
      for (const kind of KINDS) expect(plainTextSecrets(pod({ env: [{ name, value: "word" }] }, kind))).toHaveLength(1);
      const props = { kind: "ConfigMap", data: { [name]: "word" } };
      expect(plainTextSecrets({ type: "kubernetes:core/v1:ConfigMap", props })).toHaveLength(1);
    }
  });
  test("marks the secrets of containers, commands and processes, and nothing else", () => {
    const container = markSecrets(docker({ envs: ["MODEL_STAGE=Staging", "API_TOKEN=word"] }));
    expect(container?.envs).toEqual(["MODEL_STAGE=Staging", new Secret("API_TOKEN=word")]);
    expect(container?.image).toBe(`app@${DIGEST}`);
    const command = markSecrets({
      type: "command:local:Command",
      props: { create: "x", environment: { A: "1", MLFLOW_TRACKING_TOKEN: "word" } },
    });
    expect(command).toEqual({ create: "x", environment: { A: "1", MLFLOW_TRACKING_TOKEN: new Secret("word") } });
  });
});

describe("production never trains", () => {
  const guard = { type: "pulumi-nodejs:dynamic/promotion:Promotion", props: {} };
  const stage = { type: "pulumi-nodejs:dynamic/promotion:RegistryStage", props: { environment: "production" } };
  const trainers: Subject[] = [
    { type: "promotion:training:TrainingPipeline", props: {} },
    { type: "pulumi-nodejs:dynamic/promotion:QualityGate", props: {} },
    { type: "docker:index/image:Image", props: {} },
    { type: "command:local:Command", props: { environment: { TRAINING_DATA: "d" } } },
    { type: "kubernetes:batch/v1:Job", props: { spec: { env: [{ name: "TRAINING_DATA" }] } } },
  ];
  test("allows staging to train, and production to do anything else", () => {
    expect(productionNeverTrains(trainers)).toEqual([]);
    const other = { type: "command:local:Command", props: { create: "docker update" } };
    expect(productionNeverTrains([guard, stage, other, docker({})])).toEqual([]);
  });
  test.each(trainers.map((subject) => [subject.type, subject] as const))(
    "rejects %s in a stack with production's guard or stage",
    (type, subject) => {
      for (const marker of [guard, stage])
        expect(productionNeverTrains([marker, subject])).toEqual([expect.stringContaining(type)]);
    },
  );
});

// data-kept needs options: data-kept.test.ts.
test("the project's own stacks follow these rules, which find their containers", { timeout: 60_000 }, async () => {
  const rules = [imagesByDigest, limitsSet, mlflowNotPublic, plainTextSecrets];
  const check = (resources: readonly { type: string; inputs: object }[]) => {
    const subjects: Subject[] = resources.map(({ type, inputs }) => ({ type, props: { ...inputs } }));
    const without = (text: string): Subject[] => JSON.parse(JSON.stringify(subjects).replaceAll(text, "x"));
    expect(without("@sha256").flatMap(imagesByDigest)).not.toEqual([]);
    expect(without("memory").flatMap(limitsSet)).not.toEqual([]);
    return [
      ...subjects.flatMap((subject) => rules.flatMap((rule) => rule(subject))),
      ...productionNeverTrains(subjects),
    ];
  };
  expect(check((await mockedStaging()).resources)).toEqual([]);
  expect(check((await mockedStaging({ settings: { mlflow: { image: `mlflow@${DIGEST}` } } })).resources)).toEqual([]);
  expect(check((await mockedProduction()).resources)).toEqual([]);
  expect(check(await askedOf(EVERYTHING))).toEqual([]);
  expect(check(await askedOf({ environment: "production" }))).toEqual([]);
});
