import { expect, test } from "vitest";
import { verify } from "../../infra/deployment-check/verify.ts";
import { json, serve } from "../helpers/http-server.ts";

const REPORT = JSON.stringify({
  format: "gate-report/1",
  samples: [{ features: [1, 2], label: 1, positive: 0.75 }],
  metrics: { accuracy: 0.9 },
});

test("a failed check names each cause once, in its error and on the version", async () => {
  const tags: Record<string, string> = {};
  await using registry = await serve(({ path, body }, response) => {
    if (path.includes("model-versions/get?"))
      return json(response, {
        model_version: { name: "churn-model", version: "3", run_id: "r", current_stage: "None", source: "s" },
      });
    if (path.includes("set-tag")) {
      const { key, value } = JSON.parse(body);
      tags[key] = value;
    }
    if (path.includes("runs/get"))
      return json(response, { run: { info: { run_id: "r", artifact_uri: "mlflow-artifacts:/r" } } });
    if (path.includes("registered-models/alias"))
      return json(
        response,
        { error_code: "INVALID_PARAMETER_VALUE", message: "Registered model alias staging not found." },
        400,
      );
    if (path.includes("artifacts?"))
      return json(response, { files: [{ path: "report.json", is_dir: false, file_size: REPORT.length }] });
    if (path.endsWith("report.json")) return response.end(REPORT);
    json(response, {});
  });
  await using service = await serve(({ path }, response) =>
    path === "/ready" ? json(response, {}) : response.writeHead(502).end("Bad Gateway"),
  );
  const inputs = {
    registry: { trackingUri: registry.url },
    environment: "staging" as const,
    modelName: "churn-model",
    version: "3",
    modelSha256: "a".repeat(64),
    url: service.url,
    instance: "1",
    maxLatencyMs: 100,
    gateReport: "mlflow-artifacts:/r/gate/report.json",
  };
  const causes = [
    "loads, environment: /health answered 502: Bad Gateway",
    "serves, latency: /predict answered 502: Bad Gateway",
    "schema: a row of the wrong length was answered with 502 ",
  ];
  await expect(verify(inputs)).rejects.toThrow(
    `staging at ${service.url} is not what was approved (churn-model version 3):\n` +
      `${causes.map((cause) => `  - ${cause}\n`).join("")}` +
      "Callers reach the failed version; the registry has no version in Staging.",
  );
  expect(tags["staging.summary"]).toBe(causes.join("; "));
});
