import { expect, test } from "vitest";
import { cardReportUrl, reportUrl } from "../../registry/report-url.ts";

const RUN = "0123456789abcdef0123456789abcdef";

test("returns the report's page in MLflow's machine-learning UI, without the credentials of the registry's URL", () => {
  const page = `/#/experiments/7/runs/${RUN}/artifacts/gate/report-2026-11-26.html?workflowType=machine_learning`;
  for (const root of ["mlflow-artifacts:", "s3://bucket/mlflow"])
    for (const kind of ["json", "html"])
      expect(
        reportUrl("http://user:secret@mlflow:5050/", `${root}/7/${RUN}/artifacts/gate/report-2026-11-26.${kind}`),
      ).toBe(`http://mlflow:5050${page}`);
  expect(reportUrl("https://example.org/ml", `mlflow-artifacts:/7/${RUN}/artifacts/gate/report-2026-11-26.json`)).toBe(
    `https://example.org/ml${page}`,
  );
});

test("links the page of the version's last gate, whose address does not change", () => {
  const artifacts = `mlflow-artifacts:/7/${RUN}/artifacts`;
  const links = ["1", "2"].map((stamp) =>
    cardReportUrl("http://mlflow:5050", `${artifacts}/gate/report-${stamp}.json`, `${artifacts}/gate/report.html`),
  );
  const link = `http://mlflow:5050/#/experiments/7/runs/${RUN}/artifacts/gate/report.html?workflowType=machine_learning`;
  expect(links).toEqual([link, link]);
});

test("a version that an earlier release judged keeps its service's original link", () => {
  const report = `mlflow-artifacts:/7/${RUN}/artifacts/gate/report-2026-11-26.json`;
  expect(cardReportUrl("http://mlflow:5050", report, undefined)).toBe(
    `http://mlflow:5050/#/experiments/7/runs/${RUN}/artifacts/gate`,
  );
  expect(cardReportUrl("http://mlflow:5050", "", undefined)).toBeUndefined();
});

test("returns undefined for a report that is stored elsewhere", () => {
  expect(reportUrl("databricks", `mlflow-artifacts:/7/${RUN}/artifacts/gate/r.json`)).toBeUndefined();
  expect(reportUrl("http://mlflow:5050", "dbfs:/reports/gate.json")).toBeUndefined();
  expect(cardReportUrl("http://mlflow:5050", "dbfs:/reports/gate.json", "dbfs:/reports/report.html")).toBeUndefined();
});
