import { expect, test } from "vitest";
import { parseArguments, splitSubcommand } from "../commands/arguments.ts";

const parse = (...args: string[]) => parseArguments(args, { secret: { kind: "boolean" } }, "config set");

test.each(["-----BEGIN PRIVATE KEY-----\nMC4CAQAw", "-s3cret value", "--p@ssword=x"])(
  "a value that looks like a flag is not shown: %j",
  (value) => {
    const message = (() => {
      try {
        return parse("--secret", "key", value);
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toMatch(/is not a flag .*Put -- before/);
    // Its first word is enough.
    expect(message).not.toContain(value.slice(2, 7));
  },
);

test("behind -- it is a value", () => {
  const pem = "-----BEGIN PRIVATE KEY-----";
  expect(parse("--secret", "--", "key", pem).positional).toEqual(["key", pem]);
});

test("an unsupported flag is named", () => {
  expect(() => parse("--target", "urn")).toThrow("The flag --target");
});

test.each([
  ["--staack=production", "--staack is not a flag of `config set`. The nearest is --stack"],
  ["--secert", "--secert is not a flag of `config set`. The nearest is --secret"],
])("a misspelt flag is named with the nearest one: %s", (flag, message) => {
  expect(() => parse(flag, "x")).toThrow(message);
});

test.each(["--policy-pack", "--parallel", "--target", "--json", "--yesterday", "-q"])(
  "%s is not reported as a misspelt flag",
  (flag) => {
    expect(() => parse(flag, "x")).toThrow(`The flag ${flag} of \`config set\` is not supported by this engine`);
  },
);

test.each([["--stack=dev"], ["--stack", "dev"], ["-s", "dev"], ["-sdev"], ["-s=dev"], ["-ys", "dev"]])(
  "reads the stack from %j",
  (...args) => {
    expect(parse(...args, "key").flags.stack).toBe("dev");
    expect(parse(...args, "key").positional).toEqual(["key"]);
  },
);

test("a list keeps every value, and a boolean takes false", () => {
  const parsed = parseArguments(["--target", "a", "--target=-b", "--yes=false"], { target: { kind: "list" } }, "up");
  expect(parsed.flags).toEqual({ target: ["a", "-b"], yes: false });
});

test("a flag without its argument is named", () => {
  expect(() => parse("key", "--stack")).toThrow("flag needs an argument: --stack");
});

test("the verb of a verb comes behind the flags and their values", () => {
  expect(splitSubcommand(["-s", "dev", "--yes", "taint", "urn"])).toEqual({
    verb: "taint",
    rest: ["-s", "dev", "--yes", "urn"],
  });
  expect(splitSubcommand(["--stack", "dev"]).verb).toBeUndefined();
});
