import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { testInBrowser } from "../helpers/browser.ts";
import { startService } from "../service/helpers/service-process.ts";

const fixture = (kind: string) => join(import.meta.dirname, "../fixtures/parity", kind);

/** The page of a model, in both themes; fails for whatever the browser complains of. */
async function withPage(
  browser: Browser,
  kind: string,
  use: (page: Page) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  await using service = await startService({ MODEL_URI: fixture(kind), ...env });
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ colorScheme });
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(service.url);
    await use(page);
    const unnamed =
      "[...document.querySelectorAll('input,select,textarea')].filter((one) => one.labels.length === 0).length";
    expect(await page.evaluate(unnamed)).toBe(0);
    expect(complaints).toEqual([]);
    if (process.env.SCREENSHOT)
      await page.screenshot({ path: join(process.env.SCREENSHOT, `${kind}-${colorScheme}.png`), fullPage: true });
    await page.close();
  }
}

const rowOf = async (page: Page): Promise<unknown> =>
  (JSON.parse(await page.getByLabel("As JSON").last().inputValue()) as { features: unknown[] }).features[0];
const answerOf = async (page: Page): Promise<string> => {
  await page.getByRole("button", { name: "Send Predict" }).click();
  await page.getByText("ms in the browser").waitFor();
  return page.locator("#answer").innerText();
};

const NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];
const DRIFT_REFERENCE = JSON.stringify([
  ...NUMBERS.map((name) => ({ name, edges: [0], shares: [0.5, 0.5], missing: 0.1 })),
  { name: "island", categories: ["Biscoe", "Dream"], categoryShares: [0.5, 0.4, 0.1] },
  { name: "sex", categories: [], categoryShares: [1] },
]);

testInBrowser("texts: a choice of the reference's categories and any other; without categories a text", (browser) =>
  withPage(
    browser,
    "penguins-mixed",
    async (page) => {
      const island = page.getByLabel("island", { exact: true });
      expect(await island.locator("option").allInnerTexts()).toEqual(["Biscoe", "Dream", "other…"]);
      await island.selectOption("Dream");
      await page.getByLabel("sex").fill('a "female"');
      await page.getByLabel("bill_length_mm").fill("");
      await page.getByLabel("body_mass_g").fill("3750.5");
      expect(await rowOf(page)).toEqual([null, 0, 0, 3750.5, "Dream", 'a "female"']);
      expect(await page.getByLabel("other island").isVisible()).toBe(false);
      await island.selectOption("other…");
      await page.getByLabel("other island").fill("Atlantis");
      expect(await rowOf(page)).toEqual([null, 0, 0, 3750.5, "Atlantis", 'a "female"']);
      expect(await answerOf(page)).toMatch(
        /^class (Adelie|Chinstrap|Gentoo)\n+Adelie\n[\d.]+ %\nChinstrap\n[\d.]+ %\nGentoo\n[\d.]+ %/,
      );
      expect(await page.locator("#answer .bar").count()).toBe(3);
      expect(await page.locator("#answer strong").count()).toBe(1);
      await page.getByText("island: requests / reference").click();
      await page.locator("#drift details").filter({ hasText: "island" }).getByText("(other)").waitFor();
      expect(await page.locator("body").innerText()).toMatch(/Missing values/);
      await page.getByRole("button", { name: "Another example" }).click();
      expect(["Biscoe", "Dream"]).toContain(((await rowOf(page)) as unknown[])[4]);
    },
    { DRIFT_REFERENCE },
  ),
);

testInBrowser("whole numbers exactly, and a checkbox for booleans", (browser) =>
  withPage(browser, "integer-float-boolean", async (page) => {
    await page.getByLabel("age").fill("9007199254740993");
    await page.getByLabel("premium").check();
    expect(await rowOf(page)).toEqual(["9007199254740993", 0, true]);
    expect(await answerOf(page)).toContain("class 1");
  }),
);

testInBrowser("dates as UTC, and booleans that may be missing", async (browser) => {
  const folder = await mkdtemp(join(tmpdir(), "dates-"));
  try {
    // The same tensors under other columns: a date in one of int64, and a boolean in one of floats, which can be NaN.
    await cp(fixture("integer-float-boolean"), folder, { recursive: true });
    const mlmodel = await readFile(join(folder, "MLmodel"), "utf8");
    const changed = mlmodel
      .replace(/"type":\s+"long"/, '"type": "datetime"')
      .replace(
        /"type":\s+"float", "name":\s+"income", "required":\s+true/,
        '"type": "boolean", "name": "income", "required": false',
      );
    expect(changed).toMatch(/datetime[\s\S]*"required": false/);
    await writeFile(join(folder, "MLmodel"), changed);
    await withPage(
      browser,
      "integer-float-boolean",
      async (page) => {
        await page.getByLabel("age").fill("2026-01-31T12:30:15");
        await page.getByLabel("income").selectOption("missing");
        expect(await rowOf(page)).toEqual(["2026-01-31T12:30:15Z", null, false]);
        await page.getByLabel("income").selectOption("true");
        expect(await rowOf(page)).toEqual(["2026-01-31T12:30:15Z", true, false]);
        expect(await answerOf(page)).toContain("class 1");
      },
      { MODEL_URI: folder },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

testInBrowser("a tensor as JSON: what is not JSON yet is marked and not sent", (browser) =>
  withPage(browser, "digits-images", async (page) => {
    const image = page.getByLabel("8 × 8");
    const before = await rowOf(page);
    expect(before).toHaveLength(8);
    await image.fill("[[1,");
    await image.blur();
    expect(await image.getAttribute("aria-invalid")).toBe("true");
    expect(await rowOf(page)).toEqual(before);
    const one = Array.from({ length: 8 }, (_, row) => new Array(8).fill(row));
    await image.fill(JSON.stringify(one));
    expect(await image.getAttribute("aria-invalid")).toBeNull();
    expect(await rowOf(page)).toEqual(one);
    await answerOf(page);
    expect(await page.locator("#answer .bar").count()).toBe(10);
    await page.getByRole("button", { name: "Another example" }).click();
    expect(await rowOf(page)).not.toEqual(one);
  }),
);

testInBrowser(
  "answers: a number, several numbers with a bar each, scores below 0, a score of no class",
  async (browser) => {
    await withPage(browser, "regressor-double", async (page) => {
      expect(await answerOf(page)).toMatch(/^-?\d+(\.\d+)?\n/);
      expect(await page.locator("#answer .bar").count()).toBe(0);
      // A second answer gives the first something to be compared with.
      await page.getByRole("button", { name: "Another example" }).click();
      await page.getByRole("button", { name: "Send Predict" }).click();
      await page.getByRole("img", { name: /among 2 answers from/ }).waitFor();
      expect(await page.locator("#answer .dot").count()).toBe(2);
    });
    await withPage(browser, "two-targets", async (page) => {
      expect(await answerOf(page)).toMatch(/^-?\d+\.\d+, -?\d+\.\d+\n[\s\S]*value 0[\s\S]*value 1/);
    });
    await withPage(browser, "linear-svc", async (page) => {
      expect(await answerOf(page)).toMatch(/^class \d\n[\s\S]*Scores[\s\S]*class 2/);
      expect(await page.locator("#answer .bar").count()).toBe(3);
    });
    await withPage(browser, "isolation-forest", async (page) => {
      expect(await answerOf(page)).toMatch(/^class -?1\n[\s\S]*score -?\d/);
    });
    await withPage(browser, "image-to-image", async (page) => {
      expect(await answerOf(page)).toMatch(/^\d+ × \d+( × \d+)* values/);
    });
  },
);
