import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { accessProblem } from "../../../infra/targets/kubernetes/cluster-access.ts";
import { KUBECTL_MISSING } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { loadTarget } from "../../../infra/targets/load-target.ts";
import { settingsOf } from "./kubernetes-program.ts";

let folder: string;
let [file, empty, broken, kubectl]: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  [file, empty, broken, kubectl] = ["config", "empty", "broken", "kubectl"].map((name) => join(folder, name));
  const contexts = "contexts: [{name: one, context: {}}, {name: two, context: {}}]";
  await writeFile(file as string, `apiVersion: v1\nkind: Config\ncurrent-context: one\n${contexts}\n`);
  await writeFile(empty as string, "apiVersion: v1\nkind: Config\n");
  await writeFile(broken as string, "contexts: [\n");
  await writeFile(kubectl as string, "#!/bin/sh\n", { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const problem = (options: Parameters<typeof settingsOf>[0] = {}, env: Record<string, string | undefined> = {}) =>
  accessProblem(settingsOf(options), { HOME: "/nowhere", PATH: folder, ...env });

test("finds a kubeconfig and its context by config, KUBECONFIG or kubectl's default", () => {
  expect(problem({ kubernetes: { kubeconfig: file } })).toBeUndefined();
  expect(problem({ kubernetes: { kubeconfig: file, context: "two" } })).toBeUndefined();
  expect(problem({}, { KUBECONFIG: `/nowhere/config:${file}` })).toBeUndefined();
});

test("accepts the content of a kubeconfig, as Pulumi's provider does", () => {
  const settings = settingsOf({ kubernetes: { kubeconfig: "apiVersion: v1\nkind: Config\n" } });
  expect(accessProblem(settings, { PATH: folder })).toBeUndefined();
  const forwarded = { kubernetes: { ...settings.kubernetes, access: "port-forward" } } as typeof settings;
  expect(accessProblem(forwarded, { PATH: folder })).toBe(
    "kubernetes.access: port-forward needs a kubeconfig in a file. Name it: pulumi config set --path kubernetes.kubeconfig <file>",
  );
});

test("uses the service account in a pod", () => {
  expect(problem({}, { KUBERNETES_SERVICE_HOST: "10.0.0.1" })).toBeUndefined();
});

const NAME_ONE = "Name one: pulumi config set --path kubernetes.kubeconfig <file>";
const CHOOSE = "Choose one: pulumi config set --path kubernetes.context <context>";

test("reports in one sentence what is missing and what to do", () => {
  expect(problem()).toBe(`there is no kubeconfig at /nowhere/.kube/config. ${NAME_ONE}`);
  expect(problem({ kubernetes: { kubeconfig: "/nowhere/k" } }, { KUBERNETES_SERVICE_HOST: "10.0.0.1" })).toBe(
    `there is no kubeconfig at /nowhere/k. ${NAME_ONE}`,
  );
  expect(problem({}, { KUBECONFIG: "/nowhere/a:/nowhere/b" })).toBe(
    `there is no kubeconfig at /nowhere/a or /nowhere/b. ${NAME_ONE}`,
  );
  expect(problem({ kubernetes: { kubeconfig: file, context: "three" } })).toBe(
    `${file} has no context three; it has one, two. ${CHOOSE}`,
  );
  expect(problem({ kubernetes: { kubeconfig: empty } })).toBe(
    `${empty} names no current context; it has none. ${CHOOSE}`,
  );
  expect(problem({ kubernetes: { kubeconfig: broken } })).toMatch(
    new RegExp(`^${broken} is not a kubeconfig: .+${NAME_ONE}$`),
  );
});

test("always requires kubectl, which reads a rollout's reasons", () => {
  const missing =
    "kubectl is not installed: the update uses it to read pods, events and logs. Install it: https://kubernetes.io/docs/tasks/tools/";
  expect(problem({ kubernetes: { kubeconfig: file } }, { PATH: "/nowhere" })).toBe(missing);
  expect(KUBECTL_MISSING).toBe(missing);
});

test("the program reports it without a stack trace, before it declares anything", async () => {
  vi.stubEnv("PATH", folder);
  const loading = loadTarget(settingsOf({ kubernetes: { kubeconfig: "/nowhere/k" } }));
  await expect(loading).rejects.toBeInstanceOf(RunError);
  await expect(loading).rejects.toThrow("there is no kubeconfig at /nowhere/k.");
});
