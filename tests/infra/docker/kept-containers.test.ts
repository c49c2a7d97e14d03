import { RunError } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseSettings } from "../../../infra/settings.ts";
import { dockerTarget } from "../../../infra/targets/docker/docker-target.ts";
import { type EngineContainer, parseContainers } from "../../../infra/targets/docker/engine-containers.ts";
import { keepContainers } from "../../../infra/targets/docker/kept-containers.ts";
import { GENERATION, mockedProduction, mockedStaging, STAGING, WORK } from "./docker-program.ts";

const NEW = { stack: "model-promotion/staging", generation: GENERATION };
const OLD = { stack: "model-promotion/staging", generation: "2025-12-31T00:00:00.000Z" };
const OWNER = { stack: "model-promotion/staging", environment: "staging" };
const WANTED = {
  address: "127.0.0.1",
  servicePort: 8000,
  mlflow: { address: "127.0.0.1", port: 5050 },
  generation: GENERATION,
};

const container = (
  labels: Partial<EngineContainer["labels"]>,
  more: Partial<Omit<EngineContainer, "labels">> = {},
): EngineContainer => ({
  name: "c",
  image: "i",
  running: true,
  ports: [],
  networks: ["n"],
  volumes: [],
  ...more,
  labels: { role: "", environment: "", model: "", stack: "", generation: "", ...labels },
});
const at = (port: number, address = "127.0.0.1") => [{ address, port }];
const gateway = (more: Partial<EngineContainer["labels"]> = OLD, rest: object = {}) =>
  container({ role: "gateway", environment: "staging", ...more }, { ports: at(8000), name: "gateway-1", ...rest });
const inference = (more: Partial<EngineContainer["labels"]> = OLD, rest: object = {}) =>
  container({ role: "inference", environment: "staging", model: "churn-model", ...more }, rest);
const mlflow = (more: Partial<EngineContainer["labels"]> = OLD, rest: object = {}) =>
  container({ role: "mlflow", ...more }, { ports: at(5050), networks: ["m"], name: "mlflow-1", ...rest });

const labelsOf = (seen: readonly EngineContainer[]) => {
  const { gateway, inference, mlflow } = keepContainers(seen, OWNER, WANTED);
  return [gateway.labels, inference.labels, mlflow.labels];
};

test("running containers keep their labels", () => {
  expect(labelsOf([inference(), mlflow(), gateway()])).toEqual([OLD, OLD, OLD]);
});

test("containers of earlier releases get no such labels", () => {
  const none = { stack: "", generation: "" };
  expect(labelsOf([inference(none), mlflow(none), gateway(none)])).toEqual([{}, {}, {}]);
});

test("a first container gets labels that no other has", () => {
  const stopped = { running: false, ports: [] };
  expect(labelsOf([])).toEqual([NEW, NEW, NEW]);
  expect(labelsOf([inference({}, stopped), mlflow(), gateway()])).toEqual([OLD, NEW, OLD]);
  expect(labelsOf([inference(), mlflow(OLD, stopped), gateway()])).toEqual([OLD, OLD, NEW]);
  expect(labelsOf([mlflow(), gateway()])).toEqual([OLD, NEW, OLD]);
  // The gateway's network shows which stack a service belongs to.
  expect(labelsOf([inference(), mlflow(), gateway(OLD, stopped)])).toEqual([NEW, NEW, OLD]);
});

test("uses the newest service on the gateway's network, because a failed update may have left an older one", () => {
  const ended = inference(OLD, { running: false });
  expect(labelsOf([ended, inference(), gateway()])[1]).toEqual(NEW);
  expect(labelsOf([inference(), ended, gateway()])[1]).toEqual(OLD);
});

test("services on other networks belong to other stacks", () => {
  expect(labelsOf([inference({}, { networks: ["other"] }), gateway()])[1]).toEqual(NEW);
});

const refusal = (seen: readonly EngineContainer[], wanted: object = {}) => {
  try {
    keepContainers(seen, OWNER, { ...WANTED, ...wanted });
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

test.each([
  [
    gateway({ ...OLD, stack: "model-promotion/cancer" }),
    "port 8000 is in use by container gateway-1 of stack model-promotion/cancer. " +
      "Set another port: pulumi config set --path service.port <port>",
  ],
  [
    gateway({ environment: "production", stack: "", generation: "" }),
    "port 8000 is in use by container gateway-1 of another production stack. " +
      "Set another port: pulumi config set --path service.port <port>",
  ],
  [
    container({}, { name: "postgres", ports: at(5050, "0.0.0.0") }),
    "port 5050 is in use by container postgres which does not belong to this project. " +
      "Set another port: pulumi config set --path mlflow.port <port>",
  ],
  [
    mlflow({}, { ports: at(8000, "::") }),
    "port 8000 is in use by container mlflow-1 of another stack. " +
      "Set another port: pulumi config set --path service.port <port>",
  ],
])("a port that another container holds is refused by name: %#", (holder, message) => {
  expect(refusal([holder])).toBe(message);
});

test("a port on another address, or of a stopped container, is free", () => {
  const other = container({}, { ports: at(8000, "10.0.0.5") });
  expect(refusal([other])).toBeUndefined();
  expect(refusal([other], { address: "0.0.0.0" })).toContain("port 8000 is in use by container c");
  expect(refusal([container({}, { ports: at(8000), running: false })])).toBeUndefined();
});

test("parses the output of docker ps", () => {
  const lines = [
    "staging-gateway-1\thaproxy:3\trunning\t127.0.0.1:18501->8000/tcp, :::18501->8000/tcp\tone,two\tstaging-gateway-config-1\tgateway\tstaging\t\tp/s\tg",
    "mlflow-server-1\tmlflow:1\texited\t\tthree\t/etc/hosts,mlflow-data-1\tmlflow\t\t\t\t",
    "other\tredis\trunning\t6379/tcp, 0.0.0.0:7000-7001->7000-7001/tcp\tbridge\t\t\t\t\t\t",
    "",
  ].join("\n");
  expect(parseContainers(lines)).toEqual([
    {
      name: "staging-gateway-1",
      image: "haproxy:3",
      running: true,
      networks: ["one", "two"],
      volumes: ["staging-gateway-config-1"],
      ports: [
        { address: "127.0.0.1", port: 18501 },
        { address: "::", port: 18501 },
      ],
      labels: { role: "gateway", environment: "staging", model: "", stack: "p/s", generation: "g" },
    },
    {
      name: "mlflow-server-1",
      image: "mlflow:1",
      running: false,
      networks: ["three"],
      ports: [],
      volumes: ["mlflow-data-1"],
      labels: { role: "mlflow", environment: "", model: "", stack: "", generation: "" },
    },
    {
      name: "other",
      image: "redis",
      running: true,
      networks: ["bridge"],
      volumes: [],
      ports: [
        { address: "0.0.0.0", port: 7000 },
        { address: "0.0.0.0", port: 7001 },
      ],
      labels: { role: "", environment: "", model: "", stack: "", generation: "" },
    },
  ]);
});

test("a port that another container uses fails the program before anything is declared", async () => {
  const held = [gateway({ stack: "other/staging" })];
  const settings = parseSettings({ ...STAGING, target: "docker" }, "staging");
  const target = dockerTarget(settings, { ...WORK, containers: async () => held });
  await expect(target).rejects.toThrow("by container gateway-1 of stack other/staging");
  await expect(target).rejects.toBeInstanceOf(RunError);
});

test("production does not check MLflow's port, because it has no server of its own", async () => {
  const holder = container({}, { ports: at(5050) });
  const { resources } = await mockedProduction({ containers: [holder] });
  expect(resources.map(({ name }) => name).filter((name) => name.startsWith("mlflow"))).toEqual([]);
  await expect(mockedStaging({ containers: [holder] })).rejects.toThrow("port 5050 is in use");
});

test("containers of an earlier release keep their inputs, without further labels", async () => {
  const none = { stack: "", generation: "" };
  const seen = [inference(none), mlflow(none), gateway(none)];
  const { resource } = await mockedStaging({ containers: seen });
  const names = (name: string) =>
    (resource(name).inputs.labels as { label: string }[]).map(({ label }) => label.replace("model-promotion.", ""));
  expect(names("staging-gateway")).toEqual(["environment", "role"]);
  expect(names("staging-service")).toEqual(["environment", "role", "model", "version"]);
  expect(names("mlflow-server")).toEqual(["role"]);
});
