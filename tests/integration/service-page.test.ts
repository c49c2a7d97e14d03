import { join } from "node:path";
import { expect } from "vitest";
import { testInBrowser } from "../helpers/browser.ts";
import { startService } from "../service/helpers/service-process.ts";
import { mlmodelOf, testModel } from "../service/helpers/test-model.ts";

const named = { mlmodel: { ...mlmodelOf(3), metadata: { columns: ["age", "visits", "spend"] } } };

testInBrowser(
  "the page in a real browser: card, form, answer drawn, latency, both themes; no request to anybody else",
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
    const page = await browser.newPage({ colorScheme: "dark" });
    const asked = new Set<string>();
    const complaints: string[] = [];
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(service.url);
    const text = (selector: string) => page.locator(selector).innerText();
    expect(await text("h1")).toBe("churn-model version 2");
    expect(await text("dl")).toMatch(/Staging[\s\S]*passed[\s\S]*accuracy 0.8975/);
    await page.getByText("Production, version 1").waitFor();
    await page.getByLabel("visits").fill("2.5");
    expect(await page.getByLabel("As JSON").inputValue()).toBe('{"features":[[0,2.5,0]]}');
    // By keyboard alone: from the last field over the text and the example button to Send Predict.
    await page.getByLabel("spend").focus();
    for (let step = 0; step < 3; step++) await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.id")).toBe("predict");
    await page.keyboard.press("Enter");
    await page.getByText("class 0", { exact: true }).first().waitFor();
    expect(await page.locator("#answer .bar").count()).toBe(2);
    await page.getByText(/^1 requests since the start, 0 failed; half of them within/).waitFor();
    expect(await page.locator("#latency .bar").count()).toBe(1);
    await page.getByLabel("As JSON").fill('{"features":[[1]]}');
    await page.getByRole("button", { name: "Send Predict" }).click();
    await page.getByText("422 Unprocessable Entity: /features/0 must have 3 numbers").waitFor();
    await page.getByRole("button", { name: "Check Health" }).click();
    await page.getByText('"version": "2"').waitFor();
    const background = () =>
      page.evaluate(
        "getComputedStyle(document.documentElement).colorScheme + matchMedia('(prefers-color-scheme: dark)').matches",
      );
    expect(await background()).toBe("light darktrue");
    // Everything that is typed into has a name for those who do not see it.
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('input,textarea')].filter((field) => field.labels.length === 0).length",
      ),
    ).toBe(0);
    if (process.env.SCREENSHOT)
      await page.screenshot({ path: join(process.env.SCREENSHOT, "page.png"), fullPage: true });
    await page.goto(`${service.url}/docs`);
    expect(await text("main")).toContain("POST /v2/models/churn-model/infer");
    // The refused prediction is logged by the browser itself.
    expect(complaints.filter((line) => !/status of 422/.test(line))).toEqual([]);
    expect([...asked]).toEqual([new URL(service.url).origin]);
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
