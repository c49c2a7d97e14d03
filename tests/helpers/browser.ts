import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { type Missing, testNeeding } from "./test-needing.ts";

/** Paths on Linux distributions and macOS. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Returns the path of the machine's Chromium; CHROMIUM takes precedence. */
export const findBrowser = (chromiumVariable = process.env.CHROMIUM, places = PLACES): string | Missing => {
  const looked = chromiumVariable ? [chromiumVariable] : places;
  return (
    looked.find((path) => existsSync(path)) ?? {
      what: `no Chromium at ${looked.join(", ")}`,
      remedy: "apt-get install chromium, or set CHROMIUM to the path of a Chromium or Chrome",
    }
  );
};

const found = findBrowser();
const declare = testNeeding(typeof found === "string" ? undefined : found);

/** Declares a test with the machine's Chromium, which can reach only this machine. Without Chromium, it is skipped, or fails with CI=true. */
export function testInBrowser(name: string, run: (browser: Browser) => Promise<void>): void {
  declare(name, {}, async () => {
    const browser = await startBrowser(String(found));
    try {
      await run(browser);
    } finally {
      await browser.close();
    }
  });
}

const startBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
