import { expect, test } from "vitest";
import { z } from "zod";
import { ABOUT_KEY, describeIssue, withValue } from "../../data/issue-messages.ts";

test("a value may look like the mark for values or like a replacement pattern", () => {
  expect(withValue("must be 1{got}: reason", "{got} $& $1")).toBe('must be 1, got "{got} $& $1": reason');
  const key = z.string().superRefine((_, context) => {
    context.addIssue({ code: "custom", message: 'names the class "{got}"', ...ABOUT_KEY });
  });
  const [issue] = key.safeParse("x").error?.issues ?? [];
  expect(issue && describeIssue("key", issue, "x")).toBe('key names the class "{got}"');
});

test("a long value is truncated, after secrets are removed", () => {
  const message = withValue("must be short", "secret".repeat(200_000), (text) => text.replaceAll("secret", "******"));
  expect(message.length).toBeLessThan(600);
  expect(message).toMatch(/^must be short, got "\*{400}.*…$/);
});

test("values without JSON are named by their type", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  expect([cyclic, 1n, () => 1, Symbol("s"), null].map((value) => withValue("must be 1", value))).toEqual([
    "must be 1, got an object",
    "must be 1, got a bigint",
    "must be 1, got a function",
    "must be 1, got a symbol",
    "must be 1, got null",
  ]);
});

test("control characters in values and keys do not reach a terminal", () => {
  expect(withValue("must be 1", "\u001b[31m\u009b31m\n\u2028\u202e")).toBe(
    'must be 1, got "\\u001b[31m\\u009b31m\\n\\u2028\\u202e"',
  );
  const [issue] = z.strictObject({}).safeParse({ "x\n\u001b[31m": 1 }).error?.issues ?? [];
  expect(issue && describeIssue("policy", issue, {})).toBe("policy has unknown keys: x  [31m");
});
