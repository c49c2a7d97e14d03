import { access } from "node:fs/promises";
import { type Browser, chromium } from "playwright-core";

/** Where distributions put it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The machine's Chromium, which asks nobody anything. Throws when there is none: a page that was not tested must not pass. */
export async function startBrowser(): Promise<Browser> {
  const places = process.env.CHROMIUM ? [process.env.CHROMIUM] : PLACES;
  for (const executablePath of places) {
    if (
      !(await access(executablePath).then(
        () => true,
        () => false,
      ))
    )
      continue;
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
  throw new Error(`no Chromium at ${places.join(", ")}: apt-get install chromium, or set CHROMIUM to its path`);
}
