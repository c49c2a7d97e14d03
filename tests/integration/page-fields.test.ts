import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { testInBrowser } from "../helpers/browser.ts";
import { startService } from "../service/helpers/service-process.ts";
import { mlmodelOf, testModel } from "../service/helpers/test-model.ts";

/** Opens the page of a model with these number columns. */
async function withColumns(
  browser: Browser,
  columns: readonly string[],
  use: (page: Page) => Promise<void>,
  context: Parameters<Browser["newContext"]>[0] = {},
  env: Record<string, string> = {},
): Promise<void> {
  await using model = await testModel({
    weights: columns.map(() => 0.1),
    mlmodel: { ...mlmodelOf(columns.length), metadata: { columns } },
  });
  await using service = await startService({
    ...env,
    MODEL_URI: model.folder,
    MODEL_CARD: JSON.stringify({
      verdict: "failed",
      summary: Array.from({ length: 9 }, (_, place) => `recall of r${place} 0.7 < 0.85 required`).join("; "),
      metrics: { mean_absolute_error: 9_999_999.123 },
    }),
  });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...context })).newPage();
  await page.goto(service.url);
  await use(page);
  await page.close();
}

const send = (page: Page) => page.getByRole("button", { name: "Send Predict" }).click();
/** What a screen reader reads after the field's name. */
const described = (page: Page, name: string) =>
  page
    .getByLabel(name, { exact: true })
    .evaluate((field) => field.ownerDocument.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent);
const MANY = Array.from({ length: 40 }, (_, place) => `monthly_average_of_the_balance_of_account_${place}`);

testInBrowser(
  "a field without a number is not sent as 0: the message is at the field, which gets the focus",
  (browser) =>
    withColumns(browser, ["age", "visits"], async (page) => {
      let sent = 0;
      page.on("request", (request) => {
        if (request.url().endsWith("/predict")) sent++;
      });
      const visits = page.getByLabel("visits");
      await visits.fill("");
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement.id")).toBe(await visits.getAttribute("id"));
      expect(await visits.getAttribute("aria-invalid")).toBe("true");
      expect(await described(page, "visits")).toBe("Enter a number.");
      expect(sent).toBe(0);
      await visits.fill("3");
      expect(await visits.getAttribute("aria-invalid")).toBeNull();
      expect(await page.getByText("Enter a number.").count()).toBe(0);
      await page.keyboard.press("Enter");
      await page.getByText("ms in the browser").waitFor();
      expect(sent).toBe(1);
    }),
);

testInBrowser(
  "an error of the service stands at its field, too, and does not keep the request from being sent again",
  (browser) =>
    withColumns(browser, ["age", "visits"], async (page) => {
      const problem = {
        title: "Unprocessable Entity",
        detail: "/features/0/1 (visits) must be a number, not a string",
      };
      await page.route("**/predict", (route) =>
        route.fulfill({ status: 422, json: { ...problem, pointer: "/features/0/1" } }),
      );
      await send(page);
      await page.getByText("must be a number, not a string", { exact: true }).waitFor();
      expect(await described(page, "visits")).toBe("must be a number, not a string");
      expect(await page.getByRole("status", { name: "Answer" }).innerText()).toContain(problem.detail);
      await page.unroute("**/predict");
      await send(page);
      await page.getByText("ms in the browser").waitFor();
      expect(await page.locator("[aria-invalid]").count()).toBe(0);
    }),
);

testInBrowser("a missing token is reported at its field", async (browser) => {
  const API_TOKEN = "0123456789abcdef";
  await withColumns(
    browser,
    ["age"],
    async (page) => {
      await send(page);
      await page.getByRole("status", { name: "Answer" }).getByText("401").waitFor();
      expect(await described(page, "API token")).toContain("authentication required");
      await page.getByLabel("API token").fill(API_TOKEN);
      await send(page);
      await page.getByText("ms in the browser").waitFor();
      expect(await page.locator("[aria-invalid]").count()).toBe(0);
    },
    {},
    { API_TOKEN },
  );
});

testInBrowser(
  "a model of many columns: the button is above the fold, the other fields unfold, also for an error",
  (browser) =>
    withColumns(browser, MANY, async (page) => {
      const box = await page.locator("#predict").boundingBox();
      expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThan(800);
      const last = page.getByLabel(MANY.at(-1) ?? "", { exact: true });
      expect(await last.isVisible()).toBe(false);
      await page.getByText("The other 32 features").click();
      await last.fill("");
      await page.getByText("The other 32 features").click();
      await send(page);
      expect(await last.isVisible()).toBe(true);
      expect(await described(page, MANY.at(-1) ?? "")).toBe("Enter a number.");
    }),
);

testInBrowser("large numbers keep their digits, in groups", (browser) =>
  withColumns(browser, ["age"], async (page) => {
    expect(await page.locator("main").innerText()).toContain("9,999,999");
    await page.locator("#answer").evaluate((answer) => {
      answer.setAttribute("data-role", "values");
    });
    await page.route("**/predict", (route) => route.fulfill({ json: { predictions: [-1_234_567_890.1234] } }));
    await send(page);
    await page.getByText("-1,234,567,890", { exact: true }).waitFor();
  }),
);

testInBrowser("the first reason of a failed gate is in the header, the others unfold", (browser) =>
  withColumns(browser, ["age"], async (page) => {
    const header = page.locator("header");
    expect(await header.getByText("recall of r0 0.7").isVisible()).toBe(true);
    expect(await header.getByText("recall of r8 0.7").isVisible()).toBe(false);
    // On paper nothing can be unfolded.
    await page.emulateMedia({ media: "print" });
    expect((await header.getByText("recall of r8 0.7").boundingBox())?.height).toBeGreaterThan(10);
    await page.emulateMedia({ media: "screen" });
    await page.getByText("8 more reasons").click();
    expect(await header.getByText("recall of r8 0.7").isVisible()).toBe(true);
  }),
);

testInBrowser("without JavaScript the page says what it cannot do, and where commands are", (browser) =>
  withColumns(
    browser,
    ["age"],
    async (page) => {
      const main = await page.locator("main").innerText();
      expect(main).toContain("needs JavaScript");
      expect(await page.getByRole("main").getByRole("link", { name: "API page" }).getAttribute("href")).toBe("docs");
      expect(await page.locator("body").innerText()).not.toMatch(/Connecting|…\s*$/m);
    },
    { javaScriptEnabled: false },
  ),
);

/** Controls below 24 by 24 pixels, and texts below 12; links within a sentence are exempt (WCAG 2.2, 2.5.8). */
const SMALL = `[
  ...[...document.querySelectorAll("a, button, input, select, textarea, summary")].filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return one.checkVisibility() && !(one.matches("p a, td a, [type=checkbox]")) && (width < 24 || height < 24);
  }),
  ...[...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 12),
].map((one) => one.tagName + " " + one.textContent.trim())`;

testInBrowser("controls are at least 24 pixels high, texts 12, and nothing scrolls sideways", async (browser) => {
  for (const width of [1280, 390, 320])
    await withColumns(
      browser,
      MANY,
      async (page) => {
        await send(page);
        await page.getByText("ms in the browser").waitFor();
        for (const path of ["", "docs"]) {
          if (path !== "") await page.goto(new URL(path, page.url()).href);
          expect([width, path, await page.evaluate(SMALL)]).toEqual([width, path, []]);
          const sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
          expect([width, path, await page.evaluate(sideways)]).toEqual([width, path, 0]);
        }
      },
      { viewport: { width, height: 844 } },
    );
});
