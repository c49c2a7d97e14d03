import { expect, test } from "vitest";
import { cardReportUrl, reportUrl } from "../../registry/report-url.ts";

const RUN = "0123456789abcdef0123456789abcdef";

test("is the report's page in MLflow's UI for machine learning, without the credentials of the registry's address", () => {
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

test("the page's link is that of the version's last gate, which stays where it is", () => {
  const artifacts = `mlflow-artifacts:/7/${RUN}/artifacts`;
  const links = ["1", "2"].map((stamp) =>
    cardReportUrl("http://mlflow:5050", `${artifacts}/gate/report-${stamp}.json`, `${artifacts}/gate/report.html`),
  );
  const link = `http://mlflow:5050/#/experiments/7/runs/${RUN}/artifacts/gate/report.html?workflowType=machine_learning`;
  expect(links).toEqual([link, link]);
});

test("a version that an earlier release judged keeps the link that its service was started with", () => {
  const report = `mlflow-artifacts:/7/${RUN}/artifacts/gate/report-2026-11-26.json`;
  expect(cardReportUrl("http://mlflow:5050", report, undefined)).toBe(
    `http://mlflow:5050/#/experiments/7/runs/${RUN}/artifacts/gate`,
  );
  expect(cardReportUrl("http://mlflow:5050", "", undefined)).toBeUndefined();
});

test("is none for a report that is kept elsewhere", () => {
  expect(reportUrl("databricks", `mlflow-artifacts:/7/${RUN}/artifacts/gate/r.json`)).toBeUndefined();
  expect(reportUrl("http://mlflow:5050", "dbfs:/reports/gate.json")).toBeUndefined();
  expect(cardReportUrl("http://mlflow:5050", "dbfs:/reports/gate.json", "dbfs:/reports/report.html")).toBeUndefined();
});
