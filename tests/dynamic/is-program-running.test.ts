import { expect, test } from "vitest";
import { isProgramRunning } from "../../dynamic/is-program-running.ts";
import { engineWithRoot } from "../helpers/engine-with-root.ts";

test("a program begins with the stack's own resource: an engine that knows none runs no program", async () => {
  expect(await isProgramRunning(await engineWithRoot("urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"))).toBe(true);
  expect(await isProgramRunning(await engineWithRoot(""))).toBe(false);
});

test("an engine that does not answer says neither", async () => {
  await expect(isProgramRunning("127.0.0.1:9")).rejects.toThrow(/UNAVAILABLE|DEADLINE/);
  await expect(isProgramRunning("")).rejects.toThrow("no engine started this process");
});
