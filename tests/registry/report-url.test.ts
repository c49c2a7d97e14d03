import { expect, test } from "vitest";
import { reportFolderUrl, reportUrl } from "../../registry/report-url.ts";

const RUN = "0123456789abcdef0123456789abcdef";

test("is the report's page in MLflow's UI, without the credentials of the registry's address", () => {
  const page = `/#/experiments/7/runs/${RUN}/artifacts/gate/report-2026-11-26.html`;
  for (const root of ["mlflow-artifacts:", "s3://bucket/mlflow"])
    expect(reportUrl("http://user:secret@mlflow:5050/", `${root}/7/${RUN}/artifacts/gate/report-2026-11-26.json`)).toBe(
      `http://mlflow:5050${page}`,
    );
  expect(reportUrl("https://example.org/ml", `mlflow-artifacts:/7/${RUN}/artifacts/gate/report-2026-11-26.json`)).toBe(
    `https://example.org/ml${page}`,
  );
});

test("is the folder of all of the version's reports, which stays where it is", () => {
  const report = `mlflow-artifacts:/7/${RUN}/artifacts/gate/report-2026-11-26.json`;
  expect(reportFolderUrl("http://mlflow:5050", report)).toBe(
    `http://mlflow:5050/#/experiments/7/runs/${RUN}/artifacts/gate`,
  );
  expect(reportFolderUrl("http://mlflow:5050", "")).toBeUndefined();
});

test("is none for a report that is kept elsewhere", () => {
  expect(reportUrl("databricks", `mlflow-artifacts:/7/${RUN}/artifacts/gate/r.json`)).toBeUndefined();
  expect(reportUrl("http://mlflow:5050", "dbfs:/reports/gate.json")).toBeUndefined();
});
