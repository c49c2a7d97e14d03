import { expect, test } from "vitest";
import { findBrowser } from "./browser.ts";
import { fateOf, missingProgram } from "./test-needing.ts";

const missing = { what: "no wings", remedy: "grow some" };

test("a test runs if nothing is missing; otherwise it is skipped on a laptop and fails in CI", () => {
  expect(fateOf(undefined, undefined)).toBe("run");
  expect(fateOf(undefined, "true")).toBe("run");
  expect(fateOf(missing, undefined)).toBe("skip");
  expect(fateOf(missing, "false")).toBe("skip");
  expect(fateOf(missing, "true")).toBe("fail");
});

test("finds a browser at CHROMIUM or the usual paths, or returns the searched paths and the remedy", () => {
  expect(findBrowser(undefined, ["/no/such/file", process.execPath])).toBe(process.execPath);
  expect(findBrowser(process.execPath, [])).toBe(process.execPath);
  expect(findBrowser("/no/such/file", [process.execPath])).toEqual({
    what: "no Chromium at /no/such/file",
    remedy: expect.stringContaining("set CHROMIUM to the path"),
  });
});

test("reports a missing program with the remedy", () => {
  expect(missingProgram(process.execPath, ["--version"], "")).toBeUndefined();
  expect(missingProgram("no-such-program", [], "buy it")).toEqual({
    what: "no-such-program does not start",
    remedy: "buy it",
  });
});
