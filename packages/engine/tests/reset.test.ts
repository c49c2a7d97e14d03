/**
 * `ignoreChanges`: which values go back to what they were, and which paths cannot be followed.
 */
import { describe, expect, it } from "vitest";
import { readPath } from "../properties/path.ts";
import { resetPaths } from "../properties/reset.ts";
import { type PropertyMap, Secret } from "../properties/value.ts";

const reset = (path: string, old: PropertyMap, next: PropertyMap) => {
  const { inputs, invalid } = resetPaths([path], old, next);
  return invalid.length === 0 ? inputs : { inputs, invalid };
};

describe("resetting a path", () => {
  it.each<[string, PropertyMap, PropertyMap, PropertyMap]>([
    ["a", { a: 1 }, { a: 2, b: 3 }, { a: 1, b: 3 }],
    ["a", {}, { a: 2, b: 3 }, { b: 3 }],
    ["a", { a: 1 }, {}, { a: 1 }],
    ["a.b", { a: { b: 1 } }, { a: { b: 2, c: 3 } }, { a: { b: 1, c: 3 } }],
    ["a.b", {}, { c: 1 }, { c: 1 }],
    ["a.b", { a: 1 }, { a: 2 }, { a: 2 }],
    ["a[1]", { a: [1, 2] }, { a: [3, 4, 5] }, { a: [3, 2, 5] }],
    ["a[7]", { a: [1] }, { a: [2] }, { a: [2] }],
    ["a[*].b", { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 3 }, { b: 4, c: 5 }] }, { a: [{ b: 1 }, { b: 2, c: 5 }] }],
    ["*", { a: 1, c: 2 }, { a: 3, b: 4 }, { a: 1, c: 2 }],
    ["a[*]", { a: [1, 2] }, { a: [3, 4] }, { a: [1, 2] }],
  ])("%s of %j in %j", (path, old, next, result) => expect(reset(path, old, next)).toEqual(result));

  it.each<[string, PropertyMap, PropertyMap, PropertyMap]>([
    ["a.b", { a: { b: 1 } }, { c: 1 }, { c: 1 }],
    ["a[1]", { a: [1] }, { a: [2, 3] }, { a: [2, 3] }],
    ["a[-1]", { a: [1] }, { a: [2] }, { a: [2] }],
    // Common elements are still reset.
    ["a[*]", { a: [1, 2] }, { a: [3, 4, 5] }, { a: [1, 2, 5] }],
    ["a[*].b", { a: [{ b: 1 }] }, { a: [{ b: 2 }, { b: 3 }] }, { a: [{ b: 1 }, { b: 3 }] }],
  ])("%s of %j in %j cannot be followed to its end", (path, old, next, inputs) =>
    expect(reset(path, old, next)).toEqual({ inputs, invalid: [path] }),
  );

  it("keeps secret what was secret, and changes neither of its arguments", () => {
    const [old, next] = [{ a: new Secret({ b: "s" }) }, { a: { b: "open" } }];
    expect(reset("a.b", old, next)).toEqual({ a: { b: new Secret("s") } });
    expect(next).toEqual({ a: { b: "open" } });
    expect(reset("a", { a: new Secret("old") }, { a: "new" })).toEqual({ a: new Secret("old") });
    expect(reset("a", { a: "old" }, { a: new Secret("new") })).toEqual({ a: "old" });
    expect(reset("a.b", { a: { b: 1 } }, { a: new Secret({ b: 2 }) })).toEqual({ a: new Secret({ b: 1 }) });
  });
});

describe("reading a path", () => {
  it.each<[string, (string | number)[]]>([
    ["", []],
    ["a.[0]", ["a", 0]],
    ["a..b", ["a", "b"]],
    ['a]b"', ['a]b"']],
    ['["a\\"b\\c"]', ['a"b\\c']],
    ["a[-1]", ["a", -1]],
  ])("%s", (text, path) => expect(readPath(text)).toEqual(path));
  it.each(["a.", ".", ".a", "a[", "a[x]", 'a["b', 'a["b"'])("%s is rejected with the reason", (text) =>
    expect(() => readPath(text)).toThrow(`"${text}" is not a property path: `),
  );
});
