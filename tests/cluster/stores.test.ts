import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { kubectl } from "./helpers/kubectl.ts";
import { missingForCluster } from "./helpers/missing.ts";
import { missingForStores, type Stores, startStores } from "./helpers/stores.ts";

const missing = [...missingForCluster(), ...missingForStores()];

describe.skipIf(missing.length > 0)(
  `MLflow's data in Postgres and S3 (requires ${missing.join(", ") || "nothing more"})`,
  () => {
    const { timed } = figures();
    let stores: Stores;
    let project: ClusterProject;
    const inStaging = (...args: string[]) => kubectl(["--namespace", project.namespace("staging"), ...args]);
    const succeeds = async (...args: string[]) => {
      const { exitCode, output } = await timed("up staging", () => project.up("staging", ...args));
      expect(exitCode, output).toBe(0);
    };

    beforeAll(async () => {
      stores = await timed("stores", () => startStores(`stores-${randomBytes(3).toString("hex")}`));
      project = await makeClusterProject({});
      const { artifactRoot, s3Endpoint, databaseUri, key } = stores;
      await project.set("staging", "mlflow.artifactRoot", artifactRoot);
      await project.set("staging", "mlflow.s3Endpoint", s3Endpoint);
      // The bucket's Service port differs from its pods' port, which NetworkPolicies apply to.
      await project.set("staging", "kubernetes.network", { egressPorts: [9000] });
      const secret = (path: string, value: string) =>
        project.must("config", "set", "--stack", "staging", "--secret", "--path", path, value);
      await secret("mlflow.backendStoreUri", databaseUri);
      await secret("mlflowAwsAccessKeyId", key.id);
      await secret("mlflowAwsSecretAccessKey", key.secret);
    });
    afterAll(async () => {
      await project?.[Symbol.asyncDispose]();
      await stores?.[Symbol.asyncDispose]();
    });

    test("versions are in the database, their files in the bucket, and there is no volume", async () => {
      await succeeds();
      expect(await project.served("staging")).toBe("1");
      expect(await stores.query("select name, version, current_stage from model_versions")).toEqual([
        `${project.model}|1|Staging`,
      ]);
      expect((await stores.objects()).filter((key) => key.endsWith("/model.onnx"))).toHaveLength(1);
      expect(await inStaging("get", "persistentvolumeclaims", "--output", "name")).toBe("");
    });

    test("password and key are only in Secrets, and encrypted in the stack", async () => {
      const kinds = "deployments,replicasets,pods,configmaps,services,networkpolicies,events";
      const described = await inStaging("get", kinds, "--output", "json");
      const exported = await project.must("stack", "export", "--stack", "staging");
      for (const text of [described, exported]) {
        expect(text).not.toContain(stores.password);
        expect(text).not.toContain(stores.key.secret);
      }
    });

    test("a second update changes nothing", async () => {
      await succeeds("--expect-no-changes", "--skip-preview", "--refresh");
    });

    test("a destroyed stack leaves no namespace, and the next one finds its versions", async () => {
      const destroyed = await project.must(
        "destroy",
        "--yes",
        "--skip-preview",
        "--non-interactive",
        "--stack",
        "staging",
      );
      expect(destroyed).not.toContain("existingClaim");
      expect(await kubectl(["get", "namespace", project.namespace("staging"), "--ignore-not-found"])).toBe("");
      await project.set("staging", "training", { version: "1" });
      await succeeds();
      expect(await project.served("staging")).toBe("1");
      expect(await stores.query("select version from model_versions")).toEqual(["1"]);
    });
  },
);
