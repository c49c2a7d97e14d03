import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { readRefusals } from "../../deploy/rollback-refusals.ts";
import { gateTags } from "../../registry/evidence.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { json, serve } from "../helpers/http-server.ts";
import { versionWith } from "../registry/model-version.ts";

test("unreadable evidence rules out only its own version", async () => {
  // No history, no production version, no artifact.
  await using registry = await serve(({ path }, response) => {
    if (path.includes("get-by-name"))
      return json(response, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "none" }, 404);
    if (path.includes("registered-models/search")) return json(response, {});
    response.writeHead(500).end("gone");
  });
  const { publicKey } = generateKeyPairSync("ed25519");
  const report = "mlflow-artifacts:/1/r/artifacts/gate/report.json";
  const judged = gateTags({
    verdict: "passed",
    modelSha256: "a".repeat(64),
    summary: "s",
    policySha256: "p",
    evaluationMd5: "e",
    report,
    judgedAt: "t",
  });
  const refusals = await readRefusals(
    new MlflowClient({ trackingUri: registry.url }),
    [
      { ...versionWith(judged), version: "1" },
      { ...versionWith({}), version: "2" },
    ],
    publicKey.export({ type: "spki", format: "pem" }).toString(),
  );
  expect(refusals.get("1")).toEqual([expect.stringMatching(/^its evidence cannot be read: .*gone/)]);
  expect(refusals.get("2")).toEqual([
    expect.stringMatching(/^the quality gate has not judged it/),
    expect.stringMatching(/^staging has not verified it/),
  ]);
});
