import { beforeAll, expect, test } from "vitest";
import { allowedHosts, needsVolume } from "../../../infra/targets/kubernetes/mlflow-pod.ts";
import { portOf } from "../../../infra/targets/kubernetes/mlflow-server.ts";
import { names, only, ROUTED, render } from "./render.ts";

// The first run loads the program and the SDK.
beforeAll(() => render(), 60_000);

test("with SQLite: a volume with one writer, so the old pod is deleted first", async () => {
  const manifests = await render();
  expect(only(manifests, "Deployment", "mlflow")).toMatchObject({
    spec: {
      strategy: { type: "Recreate" },
      template: { spec: { volumes: [{ name: "tmp" }, { persistentVolumeClaim: { claimName: "mlflow" } }] } },
    },
  });
  expect(only(manifests, "PersistentVolumeClaim")).toMatchObject({ spec: { accessModes: ["ReadWriteOnce"] } });
});

test("with a database and an object store: no volume, no downtime, and the password only in a Secret", async () => {
  const manifests = await render(ROUTED);
  expect(names(manifests).filter((name) => name.startsWith("PersistentVolumeClaim"))).toEqual([]);
  const server = only(manifests, "Deployment", "mlflow");
  expect(server).toMatchObject({
    spec: { strategy: { type: "RollingUpdate" }, template: { spec: { volumes: [{ name: "tmp" }] } } },
  });
  const withPassword = manifests.filter((one) => JSON.stringify(one).includes("mlflow:word@"));
  expect(withPassword.map(({ kind }) => kind)).toEqual(["Secret"]);
  expect(JSON.stringify(server)).toContain('"s3://bucket/mlflow"');
});

test.each([
  ["postgresql://mlflow:word@db/mlflow", "postgresql+psycopg2://mlflow:word@db/mlflow"],
  ["postgres://mlflow:word@db/mlflow", "postgresql+psycopg2://mlflow:word@db/mlflow"],
  ["postgresql+psycopg://mlflow:word@db/mlflow", "postgresql+psycopg://mlflow:word@db/mlflow"],
  ["mysql+pymysql://mlflow:word@db/mlflow", "mysql+pymysql://mlflow:word@db/mlflow"],
])(
  "the database of %s is opened with the driver that MLflow works with, unless the URL names one",
  async (backendStoreUri, given) => {
    const manifests = await render({ mlflow: { backendStoreUri } });
    const secrets = manifests.filter(({ kind }) => kind === "Secret") as never as { stringData: object }[];
    expect(secrets.map(({ stringData }) => stringData)).toEqual([{ MLFLOW_BACKEND_STORE_URI: given }]);
  },
);

test("uses an existing server as it is", async () => {
  const manifests = await render({ mlflow: { trackingUri: "https://mlflow.example.com" } });
  expect(names(manifests).filter((name) => name.includes("mlflow"))).toEqual([]);
});

test("rejects an image without a digest", async () => {
  await expect(render({ kubernetes: { mlflow: { image: "mlflow:latest" } } })).rejects.toThrow(
    'kubernetes.mlflow.image must name an image by digest, got "mlflow:latest": registry/name@sha256:<64 hexadecimal digits>',
  );
});

test("omits the volume only if nothing needs it", () => {
  expect(needsVolume({ database: false })).toBe(true);
  expect(needsVolume({ database: true })).toBe(true);
  expect(needsVolume({ database: true, artifactRoot: "s3://bucket" })).toBe(false);
});

test("the server accepts each of its names, with and without port, and the forwarded port", () => {
  const names = ["mlflow", "mlflow.ml", "mlflow.ml.svc", "mlflow.ml.svc.cluster.local"];
  expect(allowedHosts("ml", 5050, ["mlflow.example.com"]).split(",").toSorted()).toEqual(
    [
      ...names.flatMap((name) => [name, `${name}:5000`]),
      "127.0.0.1",
      "127.0.0.1:5050",
      "localhost",
      "localhost:5050",
      "mlflow.example.com",
    ].toSorted(),
  );
});

test.each([
  ["postgresql://user:word@db.example/mlflow", 5432],
  ["postgresql+psycopg2://user:word@db.example:6432/mlflow", 6432],
  ["mysql+pymysql://db.example/mlflow", 3306],
  ["http://minio:9000", 9000],
  ["https://s3.example", 443],
])("its way out leads to the port of %s", (url, port) => {
  expect(portOf(url)).toBe(port);
});

test("allows a store's pod port that the config names, if its Service has another", async () => {
  const { spec } = only(
    await render({ ...ROUTED, kubernetes: { network: { egressPorts: [9000] } } }),
    "NetworkPolicy",
    "mlflow",
  ) as never as { spec: { egress: object[] } };
  const ports = [5432, 443, 9000].map((port) => ({ protocol: "TCP", port }));
  expect(spec.egress).toEqual([expect.anything(), { ports }]);
});

test("a server with its data on the volume has no egress", async () => {
  for (const egressPorts of [[], [9000]])
    expect(only(await render({ kubernetes: { network: { egressPorts } } }), "NetworkPolicy", "mlflow")).toMatchObject({
      spec: { egress: [] },
    });
});

test("rejects a database without a URL, and does not show its password", async () => {
  const mlflow = { backendStoreUri: "mlflow:word@db.example/mlflow" };
  const refused = render({ mlflow }).catch((error: Error) => error.message);
  expect(await refused).toMatch(/^mlflow\.backendStoreUri must be a URL such as postgresql:/);
  expect(await refused).not.toContain("word@db");
});
