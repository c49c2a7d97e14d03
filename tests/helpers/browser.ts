import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import type { Missing } from "./test-needing.ts";

/** Where distributions and macOS put it. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of the machine's Chromium, CHROMIUM's first. */
export const findBrowser = (chromiumVariable = process.env.CHROMIUM, places = PLACES): string | Missing => {
  const looked = chromiumVariable ? [chromiumVariable] : places;
  return (
    looked.find((path) => existsSync(path)) ?? {
      what: `no Chromium at ${looked.join(", ")}`,
      remedy: "apt-get install chromium, or set CHROMIUM to the path of a Chromium or Chrome",
    }
  );
};

/** What the machine lacks for a test in a browser; undefined when nothing. */
export const missingBrowser = (): Missing | undefined => {
  const found = findBrowser();
  return typeof found === "string" ? undefined : found;
};

/** Starts the machine's Chromium, which reaches this machine only. Throws when there is none. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (typeof executablePath !== "string") throw new Error(`${executablePath.what}: ${executablePath.remedy}`);
  return chromium.launch({
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
}
