import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { isBug, markRefusal } from "../../infra/show-errors-plainly.ts";

/** The property that the SDK reads. */
const isRunError = (error: unknown) =>
  Reflect.get(pulumi.RunError, "isInstance").call(pulumi.RunError, error) as boolean;

class OwnError extends Error {}
const refusals: [string, Error][] = [
  ["an Error", new Error("pointer is missing", { cause: new Error("ENOENT") })],
  ["an error of our own", new OwnError("no")],
  ["one of the system", Object.assign(new Error("ENOENT"), { code: "ENOENT", syscall: "open" })],
  ["a URL that is none", thrownBy(() => new URL("no url"))],
  ["a server that is not there", new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") })],
];
function thrownBy(work: () => unknown): Error {
  try {
    return new Error(`nothing was thrown, but ${work()} returned`);
  } catch (error) {
    return error as Error;
  }
}

test.each(refusals)("%s is shown as its message", (_what, error) => {
  const { message, cause } = error;
  markRefusal(error, false);
  expect(isRunError(error)).toBe(true);
  expect(error).toMatchObject({ message });
  expect(error.cause).toBe(cause);
});

test("omits the output's properties from an error's message", () => {
  const error = new Error('error serializing property "outputs": error serializing property "version": no alias');
  markRefusal(error, false);
  expect(error.message).toBe("no alias");
});

test.each([new TypeError("x is not a function"), new ReferenceError("x is not defined"), new RangeError("too deep")])(
  "%s keeps its stack trace",
  (error) => {
    expect(isBug(error)).toBe(true);
    markRefusal(error, false);
    expect(isRunError(error)).toBe(false);
  },
);

test("every error keeps its stack trace with PULUMI_DEBUG, and errors with their own display keep it", () => {
  const error = new Error("no");
  markRefusal(error, true);
  expect(isRunError(error)).toBe(false);
  const resourceError = new pulumi.ResourceError("no", undefined, true);
  markRefusal(resourceError, false);
  expect(isRunError(resourceError)).toBe(false);
  markRefusal("a text", false);
});
