import { afterAll, beforeAll, expect } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { createModelVersion, getModelVersion } from "../../registry/model-versions.ts";
import { cardReportUrl, REPORT_PAGE_TAG, reportUrl } from "../../registry/report-url.ts";
import { createRun, getOrCreateExperiment } from "../../registry/runs.ts";
import { recordEvidence } from "../../training/gate/record-evidence.ts";
import { sampleReport } from "../fixtures/gate/sample-report.ts";
import { testInBrowser } from "../helpers/browser.ts";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";

let mlflow: RunningMlflow;
beforeAll(async () => {
  mlflow = await startMlflow();
});
afterAll(() => mlflow?.stop());

testInBrowser(
  "the report's address opens the very report in MLflow, the page's link the version's last one",
  async (browser) => {
    const client = new MlflowClient({ trackingUri: mlflow.url });
    const { name } = sampleReport.model;
    const { runId, artifactUri } = await createRun(client, await getOrCreateExperiment(client, "churn"), "candidate");
    const { version } = await createModelVersion(client, { name, source: `${artifactUri}/model`, runId });
    const judge = async (judgedAt: string) => {
      const model = { ...sampleReport.model, version, runId };
      const recorded = await recordEvidence(client, { ...sampleReport, model, judgedAt });
      const uri = typeof recorded === "string" ? recorded : recorded.report;
      const page = (await getModelVersion(client, name, version)).tags[REPORT_PAGE_TAG];
      return { report: reportUrl(mlflow.url, uri) ?? "", link: cardReportUrl(mlflow.url, uri, page) ?? "" };
    };
    const first = await judge("2026-11-01T08:00:00.000Z");
    const second = await judge("2026-11-02T09:00:00.000Z");
    expect(first.link).toBe(second.link);
    for (const [url, judgedAt] of [
      [first.report, "2026-11-01 08:00"],
      [second.report, "2026-11-02 09:00"],
      [second.link, "2026-11-02 09:00"],
    ] as const) {
      const page = await browser.newPage();
      await page.goto(url);
      const report = page.frameLocator("iframe").locator("body");
      await report.getByText(`${name} version ${version}: gate`).first().waitFor({ timeout: 30_000 });
      expect(await report.innerText()).toContain(judgedAt);
      // The view for machine learning; the one for GenAI calls runs evaluations.
      expect(await page.locator("body").innerText()).toMatch(/churn\s+Runs\s+candidate/);
      await page.close();
    }
    const page = await browser.newPage();
    await page.goto(`${mlflow.url}/#/models/${name}/versions/${version}?workflowType=machine_learning`);
    await page.getByRole("heading", { name: "Quality gate failed" }).waitFor({ timeout: 30_000 });
    const link = page.getByRole("link", { name: "Open the report" });
    expect(await link.getAttribute("href")).toBe(second.report);
    await page.close();
  },
);
