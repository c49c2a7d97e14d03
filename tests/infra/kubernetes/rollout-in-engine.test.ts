import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { stringify } from "yaml";
import { ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { serve } from "../../helpers/http-server.ts";
import { runEngine } from "../../helpers/project.ts";
import { missingProgram, testNeeding } from "../../helpers/test-needing.ts";
import { LiveCluster, template } from "./live-cluster.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** The cluster as an API server that kubectl reaches by the kubeconfig. */
async function apiServer(cluster: LiveCluster, kubeconfig: string) {
  const server = await serve(async ({ method, path: asked, body }, response) => {
    // kubectl adds its timeout.
    const path = asked.replace(/[?&]timeout=\w+$/, "");
    try {
      if (method === "PUT") await cluster.put(path, JSON.parse(body));
      response.setHeader("content-type", "application/json").end(await cluster.get(path));
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
      response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(status));
    }
  });
  const named = (what: object) => [{ name: "fake", ...what }];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "fake",
    users: named({ user: {} }),
    clusters: named({ cluster: { server: server.url } }),
    contexts: named({ context: { cluster: "fake", user: "fake" } }),
  };
  await writeFile(kubeconfig, stringify(config));
  return server;
}

/** A program with one Rollout of the version in the config, and the inputs that a deployment check gets from it. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { Rollout, runOf } from "./infra/targets/kubernetes/rollout.ts";
const config = new pulumi.Config();
const version = config.require("version");
const rollout = new Rollout("staging-rollout", {
  kubeconfig: config.require("kubeconfig"),
  namespace: "ml", deployment: "churn", pods: version, timeoutSeconds: 2, replicas: 2,
  template: JSON.parse(${JSON.stringify(JSON.stringify(template("@@")))}.replaceAll("@@", version)),
});
export const run = runOf(rollout);
`;

testNeeding(missingProgram("kubectl", ["version", "--client"], "https://kubernetes.io/docs/tasks/tools/"))(
  "through engine and kubectl: a preview shows the difference, an update repairs it, the next one changes nothing",
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "rollout-"));
    try {
      const cluster = new LiveCluster("5");
      const kubeconfig = join(folder, "kubeconfig");
      await using _server = await apiServer(cluster, kubeconfig);
      for (const name of ["infra", "dynamic", "registry", "node_modules"])
        await symlink(join(ROOT, name), join(folder, name));
      const runtime = { name: "nodejs", options: { typescript: false } };
      await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: "model-promotion", runtime, main: "program.ts" }));
      await writeFile(join(folder, "package.json"), '{"type":"module"}');
      await writeFile(join(folder, "program.ts"), PROGRAM);
      const engine = async (...args: string[]) => {
        const { exitCode, output } = await runEngine(folder, join(folder, "state"), ...args, "--stack", "staging");
        return { exitCode, output };
      };
      const must = async (...args: string[]) => {
        const { exitCode, output } = await engine(...args);
        expect(exitCode, output).toBe(0);
        return output;
      };
      const up = () => must("up", "--yes", "--skip-preview", "--non-interactive");
      await must("stack", "init", "staging");
      await must("config", "set", "kubeconfig", kubeconfig);
      await must("config", "set", "version", "5");
      expect(await up()).toContain("+ 2 created");
      expect(await must("preview")).toContain("2 unchanged");

      cluster.write({ replicas: 0 });
      cluster.settle();
      const found = '+ found: "it is scaled to 0 pods, so nothing serves; the program wants at least 2"';
      expect(await must("preview", "--diff")).toContain(found);
      expect(await up()).toMatch(/~ run: ":\S+" => ":2\S+"/);
      expect(cluster.live.spec.replicas).toBe(2);
      expect(await up()).toContain("2 unchanged");

      // A failing rollout, then the previous version, which Pulumi writes without waiting.
      cluster.fails.add("4");
      await must("config", "set", "version", "4");
      expect((await engine("up", "--yes", "--skip-preview", "--non-interactive")).output).toContain(
        "did not become available",
      );
      cluster.write({ template: template("5") });
      await must("config", "set", "version", "5");
      expect(await up()).toContain("~ 1 updated");
      expect(await up()).toContain("2 unchanged");

      // The state of an earlier release.
      const file = join(folder, "state.json");
      await must("stack", "export", "--file", file);
      const state = JSON.parse(await readFile(file, "utf8"));
      const { inputs, outputs } = state.deployment.resources.find(({ id }: { id?: string }) => id === "ml/churn");
      for (const key of ["template", "replicas", "completed"]) {
        delete inputs[key];
        delete outputs[key];
      }
      await writeFile(file, JSON.stringify(state));
      await must("stack", "import", "--file", file);
      const upgrade = await must("preview", "--diff");
      expect(upgrade).toContain("2 unchanged");
      // Known, so that dependents do not appear to change.
      expect(upgrade).toMatch(/~ run: ":\S+" => ""/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
