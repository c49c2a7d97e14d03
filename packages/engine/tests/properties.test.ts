import { describe, expect, it } from "vitest";
import { changedKeys, detailedDiff } from "../properties/diff.ts";
import { formatPath, parsePath } from "../properties/path.ts";
import { encrypting, inTheClear, restoreMap, storeMap } from "../properties/stored.ts";
import { type PropertyMap, ResourceReference, Secret, Unknown } from "../properties/value.ts";
import { equal, secretStrings } from "../properties/walk.ts";
import { fromWire, toWire } from "../properties/wire.ts";
import { createCrypter, openCrypter } from "../secrets/crypter.ts";
import { SecretMask } from "../secrets/mask.ts";

const sample: PropertyMap = {
  text: "x",
  number: 1.5,
  flag: true,
  nothing: null,
  list: [1, "two", { three: 3 }],
  secret: new Secret({ inner: "hidden" }),
  reference: new ResourceReference("urn:pulumi:a::b::c:d:E::f", "id", ""),
};

describe("values", () => {
  it("go over the wire and back unchanged", () =>
    expect(fromWire(toWire(sample, { secrets: true, unknowns: true, resources: true }))).toEqual(sample));
  it("leave secrecy and unknowns at home for those who know neither", () =>
    expect(fromWire(toWire({ a: new Secret("s"), b: new Unknown(), c: [new Unknown(), 1] }, {}))).toEqual({
      a: "s",
      c: [1],
    }));
  it("go to the checkpoint and back, secrets encrypted", async () => {
    const { crypter } = await createCrypter("pass");
    const stored = JSON.stringify(storeMap(sample, encrypting(crypter)));
    expect(stored).not.toContain("hidden");
    expect(
      equal(
        restoreMap(JSON.parse(stored), () => crypter),
        sample,
      ),
    ).toBe(true);
  });
  it("keep the ciphertext of an unchanged secret", async () => {
    const { crypter } = await createCrypter("pass");
    const once = JSON.parse(JSON.stringify(storeMap(sample, encrypting(crypter))));
    expect(
      storeMap(
        restoreMap(once, () => crypter),
        encrypting(crypter),
      ),
    ).toEqual(once);
  });
  it("are shown only on request", () => expect(JSON.stringify(storeMap(sample, inTheClear))).toContain("hidden"));
  it("are equal when they differ only in keys that are null", () => {
    expect(equal({ a: 1, b: null }, { a: 1 })).toBe(true);
    expect(equal({ a: new Secret(1) }, { a: 1 })).toBe(false);
  });
  it("list the changes by path", () => {
    expect(detailedDiff({ a: [1, 2], b: { c: 1 } }, { a: [1, 3, 4], b: {}, d: 1 }, true)).toEqual({
      "a[1]": { kind: "update", inputDiff: true },
      "a[2]": { kind: "add", inputDiff: true },
      "b.c": { kind: "delete", inputDiff: true },
      d: { kind: "add", inputDiff: true },
    });
    expect(changedKeys({ a: 1, b: 2 }, { a: 1, b: 3, c: 1 })).toEqual(["b", "c"]);
  });
  it("name all their secrets", () =>
    expect([...secretStrings({ a: new Secret(["one", { b: 22 }]), c: "open" })]).toEqual(["one", "22"]));
});

describe("paths", () => {
  it.each<[string, (string | number)[]]>([
    ["a.b", ["a", "b"]],
    ["a[0].b", ["a", 0, "b"]],
    ['a["b c"]', ["a", "b c"]],
    ['a["with.dot"][2]', ["a", "with.dot", 2]],
  ])("%s is %j, and writes as itself", (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(formatPath(path)).toBe(text);
  });
  it("a star matches every index", () => expect(parsePath("triggers[*]")).toEqual(["triggers", "*"]));
  it.each(["a.", ".", "a[", "a[x]", 'a["b'])("%s is rejected", (text) => expect(parsePath(text)).toBeUndefined());
});

describe("secrets", () => {
  it("open with the right passphrase only", async () => {
    const { crypter, state } = await createCrypter("right");
    const sealed = crypter.encrypt("treasure");
    expect((await openCrypter("right", state)).decrypt(sealed)).toBe("treasure");
    await expect(openCrypter("wrong", state)).rejects.toThrow("incorrect passphrase");
  });
  it("reads what the Pulumi CLI has written", async () => {
    // Written by the CLI with the passphrase "p".
    const salt = "v1:mzmviZTNiFs=:v1:XmxrPLFk5nCyBb+X:xjsWy7K4Yz0uQRnSOJEtHBW1peOmDA==";
    const crypter = await openCrypter("p", salt);
    expect(crypter.decrypt("v1:elcyxTk+PPVwmlDF:g2NdEacuhU1S8VZh7wUSYSpjuHl6Ms0x")).toBe("hunter22");
  });
  it("are masked in every text, the longer first, and line by line", () => {
    const mask = new SecretMask();
    for (const secret of ["pass", "password", "ab", "key-line-one\nkey-line-two", 'quo"ted']) mask.add(secret);
    expect(mask.apply("password pass ab")).toBe("[secret] [secret] ab");
    expect(mask.apply("key-line-two")).toBe("[secret]");
    expect(mask.apply(JSON.stringify({ a: 'quo"ted' }))).toBe('{"a":"[secret]"}');
  });
});
