import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { testInBrowser } from "../helpers/browser.ts";
import { startService } from "../service/helpers/service-process.ts";
import { mlmodelOf, testModel } from "../service/helpers/test-model.ts";

const named = { mlmodel: { ...mlmodelOf(3), metadata: { columns: ["age", "visits", "spend"] } } };

/** Everybody that the page asks, and whatever the browser complains of. */
function listenTo(page: Page) {
  const asked = new Set<string>();
  const complaints: string[] = [];
  page.on("request", (request) => request.url().startsWith("data:") || asked.add(new URL(request.url()).origin));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  return { asked, complaints };
}

const focused = (page: Page) =>
  page.evaluate<string>("document.activeElement.id || document.activeElement.textContent.trim()");

const isScrolledSideways = (page: Page) =>
  page.evaluate<boolean>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

testInBrowser(
  "the page in a real browser: header, form, answer drawn, latency, copying; no request to anybody else",
  async (browser) => {
    await using model = await testModel(named);
    await using other = await startService({ MODEL_URI: model.folder, MODEL_STAGE: "Production", MODEL_VERSION: "1" });
    await using service = await startService({
      MODEL_URI: model.folder,
      MODEL_NAME: "churn-model",
      MODEL_VERSION: "2",
      MODEL_STAGE: "Staging",
      MODEL_CARD: JSON.stringify({ verdict: "passed", summary: "accuracy 0.8975 >= 0.85" }),
      OTHER_URL: other.url,
    });
    const context = await browser.newContext({
      colorScheme: "dark",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    const { asked, complaints } = listenTo(page);
    await page.goto(service.url);
    const text = (selector: string) => page.locator(selector).innerText();
    const clipboard = () => page.evaluate<string>("navigator.clipboard.readText()");
    expect(await text("h1")).toBe("churn-model version 2");
    await page.getByText("Ready", { exact: true }).waitFor();
    expect(await text("header")).toMatch(/Staging\s+✔ Gate passed\s+Ready\s+Serving since .* UTC \(just now\)/);
    expect(await text(".facts")).toContain("accuracy 0.8975");
    await page.getByRole("link", { name: "Production, version 1" }).waitFor();
    await page.getByLabel("visits").fill("2.5");
    expect(await page.getByLabel("As JSON").inputValue()).toBe('{"features":[[0,2.5,0]]}');
    // By keyboard alone: from the last field on to Send Predict.
    await page.getByLabel("spend").focus();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("predict");
    await page.keyboard.press("Enter");
    await page.getByText("class 0", { exact: true }).first().waitFor();
    expect(await page.locator("#answer .bar").count()).toBe(2);
    await page.locator("#traffic").getByText("99th percentile").waitFor();
    expect(await text("#traffic")).toMatch(/Requests\s+1\s+Server errors\s+0\s+Median\s+≤ [\d.]+ m?s/);
    expect(await page.locator("#latency .bar").count()).toBe(1);
    for (const next of ["random", "Request as JSON"]) {
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe(next);
    }
    await page.keyboard.press("Enter");
    await page.getByLabel("As JSON").fill('{"features":[[1]]}');
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    expect(await clipboard()).toBe(
      `curl -s '${service.url}/predict' -H 'content-type: application/json' -d '{"features":[[1]]}'`,
    );
    await page.getByRole("button", { name: "Send Predict" }).click();
    await page.getByText("422 Unprocessable Entity: /features/0 must have 3 numbers").waitFor();
    await page.getByRole("button", { name: "Check Health" }).click();
    await page.getByText('"version": "2"').waitFor();
    await page.getByRole("button", { name: "Copy the SHA-256" }).click();
    const { sha256 } = (await (await fetch(`${service.url}/health`)).json()) as { sha256: string };
    await expect.poll(clipboard).toBe(sha256);
    expect(await text(".facts")).not.toContain(sha256.slice(0, 20));
    // Paper is white, whatever the screen is.
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await background()).toBe("rgb(20, 23, 27)");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await background()).toBe("rgb(255, 255, 255)");
    expect(await page.getByRole("button").count()).toBe(0);
    expect(await text(".facts")).toContain(sha256);
    // The refused prediction is logged by the browser itself.
    expect(complaints.filter((line) => !/status of 422/.test(line))).toEqual([]);
    expect([...asked]).toEqual([new URL(service.url).origin]);
  },
);

testInBrowser("the API's page: contents by keyboard, schemas that open, examples to copy", async (browser) => {
  await using service = await startService({
    MODEL_URI: join(import.meta.dirname, "../fixtures/parity/penguins-mixed"),
  });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const { asked, complaints } = listenTo(page);
  await page.goto(`${service.url}/docs`);
  const contents = page.getByRole("navigation", { name: "Contents" });
  expect(await contents.getByRole("link").count()).toBeGreaterThan(15);
  expect(await page.evaluate<number>("document.documentElement.scrollHeight")).toBeLessThan(3500);
  const schema = page.locator("#schema-PredictRequest");
  expect(await schema.locator("table").first().isVisible()).toBe(false);
  await contents.getByRole("link", { name: "PredictRequest" }).focus();
  await page.keyboard.press("Enter");
  await schema.getByText("dataframe_split").first().waitFor();
  // The example that is shown is one that the service answers.
  await page.locator("#post-predict").getByRole("button", { name: "Copy" }).first().click();
  await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
  const command = await page.evaluate<string>("navigator.clipboard.readText()");
  const [, url = "", body = ""] = /^curl -s (\S+) -H 'content-type: application\/json' -d '(.*)'$/.exec(command) ?? [];
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect([url, answer.status]).toEqual([`${service.url}/predict`, 200]);
  await page.getByRole("link", { name: "Predict", exact: true }).click();
  await page.getByRole("button", { name: "Send Predict" }).waitFor();
  expect(complaints).toEqual([]);
  expect([...asked]).toEqual([new URL(service.url).origin]);
});

const LONG = "number_of_consecutive_months_without_any_interruption_of_the_contract";

testInBrowser(
  "drift: bars from the largest down, with the bound, and how many drift beside the verdict",
  async (browser) => {
    await using model = await testModel({
      mlmodel: { ...mlmodelOf(3), metadata: { columns: ["steady", LONG, "spend"] } },
    });
    const halves = { edges: [0], shares: [0.5, 0.5] };
    await using service = await startService({
      MODEL_URI: model.folder,
      MODEL_NAME: "the_model_with_the_longest_name_of_all_that_were_registered_here",
      MODEL_STAGE: "Production",
      MODEL_CARD: JSON.stringify({ verdict: "failed", summary: "accuracy 0.8975 < 0.90 required" }),
      DRIFT_REFERENCE: JSON.stringify(["steady", LONG, "spend"].map((name) => ({ name, ...halves }))),
    });
    // All of one, most of the other, and half of the third feature lie above 0.
    const features = Array.from({ length: 64 }, (_, row) => [row % 2 ? 1 : -1, 1, row % 8 === 0 ? -1 : 1]);
    for (let request = 0; request < 10; request++)
      await fetch(`${service.url}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ features }),
      });
    for (const [width, colorScheme] of [
      [1280, "light"],
      [390, "dark"],
      [320, "light"],
    ] as const) {
      const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme });
      const { complaints } = listenTo(page);
      await page.goto(service.url);
      await page.getByText("2 of 3 features drifting").waitFor();
      expect(await page.locator("header").innerText()).toMatch(
        /Production\s+✘ Gate failed[\s\S]*accuracy 0\.8975 < 0\.90/,
      );
      expect(await page.title()).toMatch(/\(production\)$/);
      const rows = await page.locator("#drift li:not(.bounds)").allInnerTexts();
      expect(rows.map((row) => row.split("\n")[0])).toEqual([LONG, "spend", "steady"]);
      expect(await page.locator("#drift .drifting").count()).toBe(2);
      // The bound stands in the middle of each track, and its number above it.
      expect(await page.locator("#drift .bound").count()).toBe(3);
      expect(await page.locator("#drift .bounds").innerText()).toBe("bound 0.25");
      expect(await isScrolledSideways(page)).toBe(false);
      // No name runs into its bar, no bar into its number.
      const overlaps = `[...document.querySelectorAll(".bars li")].filter((row) => [...row.children].some((one, index, all) =>
      index > 0 && one.getBoundingClientRect().left < all[index - 1].getBoundingClientRect().right - 1 && one.getBoundingClientRect().top < all[index - 1].getBoundingClientRect().bottom - 1)).length`;
      expect(await page.evaluate(overlaps)).toBe(0);
      // The form can be sent without scrolling.
      expect((await page.locator("#predict").boundingBox())?.y).toBeLessThan(width === 320 ? 844 : 700);
      await page.goto(`${service.url}/docs`);
      expect(await isScrolledSideways(page)).toBe(false);
      expect(complaints).toEqual([]);
      await page.close();
    }
  },
);

testInBrowser("the page of a model that answers numbers, and of one whose classes are texts", async (browser) => {
  for (const [kind, pattern] of [
    ["two-values", /^-?\d+\.\d+, -?\d+\.\d+$/],
    ["text", /^class (bleibt|geht|größer)$/],
  ] as const) {
    await using service = await startService({ MODEL_URI: join(import.meta.dirname, "../fixtures/skl2onnx", kind) });
    const page = await browser.newPage();
    await page.goto(service.url);
    await page.getByRole("button", { name: "Send Predict" }).click();
    await page.locator("#answer p").nth(1).waitFor();
    expect(await page.locator("#answer p").first().innerText()).toMatch(pattern);
    await page.close();
  }
});
