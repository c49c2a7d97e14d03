import { join } from "node:path";
import type { Browser } from "playwright-core";
import { expect } from "vitest";
import type { GateReport } from "../../training/gate/report.ts";
import { renderPage } from "../../training/gate/report-page/page.ts";
import { factsReport } from "../fixtures/gate/details-report.ts";
import { binaryRows, CHECKS, multiclassRows, regressionRows, reportOf } from "../fixtures/gate/reports.ts";
import { sampleReport } from "../fixtures/gate/sample-report.ts";
import { testInBrowser } from "../helpers/browser.ts";

const classes = (count: number) => Array.from({ length: count }, (_, place) => `class-${place}`);
const LONG = "a-name-that-someone-made-of-everything-that-came-to-their-mind-".repeat(3);

const policy = { performance: { coverage: { lower: "q05", upper: "q95", min: 0.88, max: 0.92 } } };
const champion = { theirs: binaryRows(400, 0.9, 2) };
const facts = {
  familywise: { checks: 3, risk: 0.075, multiplicity: "none" },
  baseline: { accuracy: 0.6, precision: 0 },
  constant: true,
} as never;

const REPORTS: Readonly<Record<string, GateReport>> = {
  "binary-old": sampleReport,
  "facts-champion": factsReport(),
  "binary-passed": reportOf({ ours: binaryRows(400, 1.2) }),
  "binary-failed-champion": reportOf({ ours: binaryRows(400, 1.2), ...champion, checks: CHECKS.failed, facts }),
  "binary-inconclusive": reportOf({ ours: binaryRows(400, 1.2), ...champion, checks: CHECKS.inconclusive }),
  "multiclass-3-champion": reportOf({
    ours: multiclassRows(400, ["Adelie", "Chinstrap", "Gentoo"], 2),
    theirs: multiclassRows(400, ["Adelie", "Chinstrap", "Gentoo"], 1.6, 2),
  }),
  "multiclass-10": reportOf({ ours: multiclassRows(4_000, classes(10), 2), checks: CHECKS.failed }),
  "multiclass-10-champion": reportOf({
    ours: multiclassRows(4_000, classes(10), 2),
    theirs: multiclassRows(4_000, classes(10), 1.8, 2),
  }),
  "multiclass-20": reportOf({ ours: multiclassRows(40_000, classes(20), 2) }),
  "multiclass-60-champion": reportOf({
    ours: multiclassRows(9_000, classes(60), 3),
    theirs: multiclassRows(9_000, classes(60), 2.7, 2),
  }),
  "regression-champion": reportOf({
    ours: regressionRows(2_000, ["y"], 8),
    theirs: regressionRows(2_000, ["y"], 12, 2),
    checks: CHECKS.inconclusive,
  }),
  "regression-quantiles": reportOf({
    ours: regressionRows(2_000, ["q05", "q95"], 8),
    theirs: regressionRows(2_000, ["q05", "q95"], 12, 2),
    policy,
  }),
  "long-names": reportOf({
    ours: multiclassRows(400, [LONG, `${LONG}2`, "short"], 2),
    theirs: multiclassRows(400, [LONG, `${LONG}2`, "short"], 1.8, 2),
    name: LONG,
    checks: CHECKS.failed.map((check) => ({ ...check, check: `slices.${LONG}.accuracy` })),
  }),
};

/** Opens a report as a reader does, and complains of whatever the browser complains of. */
async function look(browser: Browser, name: string, width: number, colorScheme: "light" | "dark"): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 844 } });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.setContent(await renderPage(REPORTS[name] as GateReport));
  const where = `${name} at ${width} px, ${colorScheme}`;
  expect([where, complaints]).toEqual([where, []]);
  const scrolls = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  expect([where, scrolls]).toEqual([where, 0]);
  // Verdict and first reason are seen without scrolling.
  const { bottom } = (await page.evaluate("document.querySelector('.reason').getBoundingClientRect().toJSON()")) as {
    bottom: number;
  };
  expect([where, bottom < 844]).toEqual([where, true]);
  const outside = await page.evaluate(
    "[...document.querySelectorAll('figure:not(.wide) svg')].filter((svg) => svg.getBoundingClientRect().right > innerWidth + 1).length",
  );
  expect([where, outside]).toEqual([where, 0]);
  if (process.env.SCREENSHOT)
    await page.screenshot({
      path: join(process.env.SCREENSHOT, `${name}-${width}-${colorScheme}.png`),
      fullPage: true,
    });
  await page.close();
}

for (const name of Object.keys(REPORTS))
  testInBrowser(`the report ${name} fits a screen and a phone, light and dark`, async (browser) => {
    for (const width of [1280, 390])
      for (const scheme of ["light", "dark"] as const) await look(browser, name, width, scheme);
  });

testInBrowser("a report prints light, without what only a screen can open", async (browser) => {
  const page = await browser.newPage({ colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  await page.setContent(await renderPage(REPORTS["binary-failed-champion"] as GateReport));
  expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
  expect(await page.locator("details").first().isVisible()).toBe(false);
  expect(await page.locator("figure svg").first().isVisible()).toBe(true);
  await page.close();
});

testInBrowser("a screen reader finds verdict, headings, plots and tables by their names", async (browser) => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.setContent(await renderPage(REPORTS["binary-failed-champion"] as GateReport));
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toMatch(/churn-model version 3: gate .*failed/);
  for (const name of ["Checks", "Plots", "Metrics", "Worst rows"])
    expect(await page.getByRole("heading", { level: 2, name, exact: true }).count()).toBe(1);
  expect(await page.getByRole("img", { name: /^ROC\. / }).count()).toBe(1);
  // Checks are stacked at this width, and stay a table.
  expect(await page.getByRole("cell", { name: /performance\.\s*rocAuc/ }).count()).toBe(1);
  await page.getByText("As a table").first().click();
  expect(await page.getByRole("region", { name: "Confusion matrix: version 3" }).isVisible()).toBe(true);
  await page.close();
});
