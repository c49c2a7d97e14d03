// Takes the README's pictures from a real quickstart: PICTURES=1 writes them to docs/images; without it, the test only checks that they can be taken.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { testInBrowser } from "../helpers/browser.ts";
import { copyCheckout } from "../helpers/checkout-copy.ts";
import { freePort } from "../helpers/free-port.ts";
import { onTerminal } from "../helpers/on-terminal.ts";
import { terminalPage } from "../helpers/terminal-page.ts";

const WIDTH = 1_000;
/** First words after the closing table. */
const END = "The quickstart took";
/** Larger files would slow the README down. */
const MOST_BYTES = 300_000;

/** Takes a picture of a page at WIDTH pixels. */
async function picture(name: string, page: Page, height: number): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height });
  const file = resolve("docs/images", `${name}.png`);
  const taken = await page.screenshot(process.env.PICTURES ? { path: file } : {});
  const stored = await readFile(file);
  // The width is in bytes 16 to 19 of a PNG.
  expect([name, stored.readUInt32BE(16)]).toEqual([name, taken.readUInt32BE(16)]);
  expect(stored.length).toBeLessThan(MOST_BYTES);
  await page.close();
}

const opened = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 }, colorScheme: "light" });
  await page.goto(url, { waitUntil: "networkidle" });
  return page;
};

testInBrowser("the README shows the quickstart, the service's page and the gate's report", async (browser) => {
  const folder = await mkdtemp(join(tmpdir(), "pictures-"));
  try {
    await copyCheckout(folder);
    const [mlflow, staging, production] = [await freePort(), await freePort(), await freePort()];
    const ports = { "--mlflow-port": mlflow, "--staging-port": staging, "--production-port": production };
    const run = [process.execPath, "quickstart/run.ts", ...Object.entries(ports).flat().map(String)];
    const { exitCode, output } = await onTerminal(run, { cwd: folder, env: { NO_COLOR: undefined } });
    expect([exitCode, output]).toEqual([0, expect.stringContaining(END)]);

    const terminal = await browser.newPage();
    // Readers see the default ports.
    const shown = [
      [mlflow, 5050],
      [staging, 8000],
      [production, 8001],
    ].reduce((text, [free, usual]) => text.replaceAll(`${free}`, `${usual}`), output);
    await terminal.setContent(terminalPage(shown.slice(0, shown.indexOf(END))));
    const height = await terminal.evaluate<number>("document.querySelector('pre').scrollHeight");
    await picture("quickstart", terminal, height);

    const page = await opened(browser, `http://127.0.0.1:${staging}/`);
    await page.getByText("Version 2").first().waitFor();
    const link = await page.getByRole("link", { name: "The gate’s report" }).getAttribute("href");
    await page.getByRole("button", { name: "Predict" }).click();
    await page.waitForLoadState("networkidle");
    await picture("page", page, 780);

    const [, run_uuid = ""] = /\/runs\/(\w+)\//.exec(link ?? "") ?? [];
    const query = new URLSearchParams({ path: "gate/report.html", run_uuid });
    const html = await fetch(`http://127.0.0.1:${mlflow}/get-artifact?${query}`);
    const report = await browser.newPage({ viewport: { width: WIDTH, height: 800 }, colorScheme: "light" });
    await report.setContent(await html.text(), { waitUntil: "networkidle" });
    await report.getByText("version 2").first().waitFor();
    await picture("report", report, 860);
  } finally {
    await promisify(execFile)(process.execPath, ["quickstart/down.ts"], { cwd: folder });
    await rm(folder, { recursive: true, force: true });
  }
});
