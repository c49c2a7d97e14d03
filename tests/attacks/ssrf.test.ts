import { join } from "node:path";
import { expect, test } from "vitest";
import { downloadArtifact, downloadModel, uploadArtifact } from "../../registry/artifacts.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { otherHealth } from "../../service/page/environment.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { json, serve } from "../helpers/http-server.ts";
import { hostileRegistry } from "./helpers/hostile-registry.ts";

const SOURCES = [
  "file:///etc/passwd",
  "http://169.254.169.254/latest/meta-data",
  "https://attacker.example/model",
  "s3://bucket/model",
  "dbfs:/model",
  "runs:/r/model",
  "models://attacker.example/churn-model/1",
  "/etc",
  "../../etc",
  "",
];

test.each(SOURCES)("SSRF: for a version whose source is %j, only the registry is contacted", async (source) => {
  await using elsewhere = await serve((_, response) => response.end("secret"));
  const observed = `${elsewhere.url}/model`;
  // The registry itself stands by the source, or names one as bad; and a source that would be seen to be asked.
  for (const [named, downloadUri] of [
    [source, source],
    [source, observed],
    [observed, observed],
  ] as const) {
    await using registry = await hostileRegistry({ source: named, downloadUri });
    const folder = await temporaryFolder();
    const download = downloadModel(registry.client, registry.version, join(folder, "model"));
    // A run's path is looked up at the registry, which here answers with no run.
    const isRun = downloadUri.startsWith("runs:");
    const refusal = isRun ? "GET mlflow/runs/get (run_id r)" : "only mlflow-artifacts:/ URIs are";
    await expect(download).rejects.toThrow(refusal);
    await expect(downloadArtifact(registry.client, named, "x")).rejects.toThrow("only mlflow-artifacts:/ URIs are");
  }
  expect(elsewhere.requests).toEqual([]);
});

test("SSRF: the host in an mlflow-artifacts URI is not asked", async () => {
  await using elsewhere = await serve((_, response) => response.end("secret"));
  const source = `mlflow-artifacts://${new URL(elsewhere.url).host}/1/model`;
  await using registry = await hostileRegistry({ source, list: () => [{ path: "MLmodel" }] });
  await downloadModel(registry.client, registry.version, join(await temporaryFolder(), "model"));
  expect(elsewhere.requests).toEqual([]);
  expect(registry.server.requests.length).toBeGreaterThan(1);
});

test.each([301, 302, 303, 307, 308])(
  "SSRF: a redirect (%i) is not followed: neither credentials nor bodies go anywhere else",
  async (status) => {
    await using elsewhere = await serve((_, response) => json(response, { token: "stolen" }));
    await using registry = await serve((_, response) =>
      response.writeHead(status, { location: `${elsewhere.url.replace("//", "//user:word@")}/steal` }).end(),
    );
    const client = new MlflowClient({ trackingUri: registry.url, username: "ann", password: "canary-password" });
    const refused = /a redirect to http:\/\/\*\*\*@127\.0\.0\.1:\d+\/steal, which is not followed/;
    await expect(client.call("GET", "mlflow/x")).rejects.toThrow(refused);
    await expect(client.call("POST", "mlflow/x", { body: { secret: 1 } })).rejects.toThrow(refused);
    await expect(uploadArtifact(client, "mlflow-artifacts:/1", "report.json", "secret")).rejects.toThrow(refused);
    await expect(downloadArtifact(client, "mlflow-artifacts:/1", "report.json")).rejects.toThrow(refused);
    expect(elsewhere.requests).toEqual([]);
  },
);

test("SSRF: the page's look at the other service follows no redirect", async () => {
  await using elsewhere = await serve((_, response) => json(response, { stage: "secret", version: "1", model: "m" }));
  await using other = await serve((_, response) => response.writeHead(302, { location: elsewhere.url }).end());
  expect(await otherHealth(other.url)).toEqual({ detail: "does not respond" });
  expect(elsewhere.requests).toEqual([]);
});
