import { expect, test } from "vitest";
import { dataHolders, dataKept } from "../../policy/rules/data-kept.ts";
import { mockedStaging } from "../infra/docker/docker-program.ts";
import type { Mocked } from "../infra/helpers/mocked-program.ts";
import { mockedKubernetes } from "../infra/kubernetes/kubernetes-program.ts";
import { configOf, runProgram } from "../infra/program.ts";

/** Resources in the shape that Pulumi passes to the pack. */
const subjects = ({ resources }: Pick<Mocked, "resources">) =>
  resources.map(({ type, inputs, options: { protect = false, ignoreChanges = [] } }) => ({
    type,
    props: inputs,
    opts: { protect, ignoreChanges },
  }));
const holders = ({ resources }: Mocked) =>
  dataHolders(resources.map(({ type, name, inputs, options }) => ({ type, name, props: inputs, options })));

const TARGETS = [
  ["docker", () => mockedStaging(), ["mlflow-data"]],
  [
    "docker, where a destroy removes them",
    () => mockedStaging({ settings: { docker: { keepData: false } } }),
    ["mlflow-data"],
  ],
  ["kubernetes", () => mockedKubernetes(), ["mlflow-data", "namespace"]],
  [
    "kubernetes, in a namespace that others use",
    () => mockedKubernetes({ kubernetes: { namespace: "n" } }),
    ["mlflow-data"],
  ],
] as const;

test.each(TARGETS)("target %s keeps MLflow's data", { timeout: 60_000 }, async (_target, run, names) => {
  const stack = await run();
  const found = holders(stack);
  expect(found.map(({ name }) => name)).toEqual(names);
  expect(dataKept(subjects(stack))).toEqual([]);
  // A policy cannot see this option.
  for (const { options } of found) expect(options.retainOnDelete).toBe(true);
});

test("target local keeps the data in a folder, which is not a resource", async () => {
  const { declared } = await runProgram(configOf("staging"));
  const resources = declared.map(({ type, inputs }) => ({ type, props: inputs }));
  expect(dataHolders(resources)).toEqual([]);
  const server = declared.find(({ name }) => name === "mlflow-server");
  expect(JSON.stringify(server?.inputs.command)).toContain(".local");
});

test.each(TARGETS)(
  "target %s: rejects each data holder by name when its options are missing",
  async (_target, run, names) => {
    const open = subjects(await run()).map((subject) => ({ ...subject, opts: { protect: false, ignoreChanges: [] } }));
    const violations = dataKept(open);
    const kinds = { "mlflow-data": "(Volume|PersistentVolumeClaim)", namespace: "Namespace" };
    expect(violations.toSorted()).toEqual(
      names
        .map((name) => expect.stringMatching(new RegExp(`^${kinds[name]} \\S+ holds MLflow's data, but changing`)))
        .toReversed(),
    );
    const shut = open.map((subject) => ({ ...subject, opts: { ...subject.opts, protect: true } }));
    expect(dataKept(shut)).toEqual([]);
  },
);

test("allows volumes of other containers and claims of other pods to be replaced", async () => {
  const { resource } = await mockedStaging();
  const volume = resource("staging-gateway-config");
  const opts = { protect: false, ignoreChanges: [] };
  const gateway = { ...resource("staging-gateway"), props: resource("staging-gateway").inputs, opts };
  expect(dataKept([gateway, { type: volume.type, props: { name: "staging-gateway-config" }, opts }])).toEqual([]);
  const metadata = { name: "cache", namespace: "n" };
  const spec = { volumes: [{ persistentVolumeClaim: { claimName: "cache" } }] };
  const claimOf = (name: string) => [
    { type: "kubernetes:core/v1:PersistentVolumeClaim", props: { metadata }, opts },
    { type: "kubernetes:core/v1:Pod", props: { kind: "Pod", metadata: { name, namespace: "n" }, spec }, opts },
  ];
  expect(dataKept(claimOf("service"))).toEqual([]);
  expect(dataKept(claimOf("mlflow"))).toHaveLength(1);
});
