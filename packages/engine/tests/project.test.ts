import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { coerce, parseConfigPath, removeAt, setAt } from "../project/config-path.ts";
import { canonicalJson, fullKey, textOf } from "../project/config-value.ts";
import { applyDefaults, validateConfig } from "../project/declared-config.ts";
import { programLocation, readProject, stackConfigFile } from "../project/project.ts";
import { editStackConfig, readStackConfig } from "../project/stack-config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-project-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (file: string, text: string) => {
  writeFileSync(join(folder, file), text);
  return join(folder, file);
};
const closed = () => {
  throw new Error("no secret here");
};

describe("Pulumi.yaml", () => {
  it("is found above the current folder", () => {
    write("Pulumi.yaml", "name: app\nruntime: nodejs\n");
    mkdirSync(join(folder, "inner"));
    expect(readProject(join(folder, "inner"))).toMatchObject({ name: "app", root: folder });
  });
  it("locates the program: a folder, a file, or the current folder", () => {
    mkdirSync(join(folder, "stack"));
    write("main.ts", "");
    expect(programLocation({ root: join(folder, "stack"), main: ".." })).toEqual({ pwd: folder, entry: "." });
    expect(programLocation({ root: folder, main: "main.ts" })).toEqual({ pwd: folder, entry: "main.ts" });
    expect(programLocation({ root: folder, main: folder })).toEqual({ pwd: folder, entry: "." });
    expect(programLocation({ root: folder, main: undefined })).toEqual({ pwd: folder, entry: "." });
    expect(() => programLocation({ root: folder, main: "gone" })).toThrow("'main' could not be read");
  });
  it("names the config folder", () => {
    write("Pulumi.yaml", "name: app\nruntime: nodejs\nstackConfigDir: stacks\n");
    expect(stackConfigFile(readProject(folder), "dev")).toBe(join(folder, "stacks/Pulumi.dev.yaml"));
  });
  it("with another runtime is rejected by name", () => {
    write("Pulumi.yaml", "name: app\nruntime: python\n");
    expect(() => readProject(folder)).toThrow(/"python" is not supported by this engine.*npm install/s);
  });
  it("that is damaged is reported with file and line", () => {
    write("Pulumi.yaml", "name: app\nruntime: [nodejs\n");
    expect(() => readProject(folder)).toThrow(/Pulumi\.yaml:\d+:\d+ cannot be read/);
  });
});

describe("declared config", () => {
  const project = (config: object) => ({ ...readProject(folder), config }) as ReturnType<typeof readProject>;
  beforeEach(() => void write("Pulumi.yaml", "name: app\nruntime: nodejs\n"));
  it("has defaults, which the stack overrides", () => {
    const declared = project({
      port: { type: "integer", default: 80 },
      min: { default: 0.9 },
      tags: { default: ["a"] },
    });
    const config = applyDefaults(declared, { "app:port": "8080" });
    expect(Object.fromEntries(Object.entries(config).map(([k, v]) => [k, textOf(v)]))).toEqual({
      "app:port": "8080",
      "app:min": "0.9",
      "app:tags": '["a"]',
    });
  });
  it("is complained of all at once when it is missing", () =>
    expect(() => validateConfig(project({ a: { type: "string" }, b: { type: "string" } }), {}, "dev", closed)).toThrow(
      "missing configuration values 'a' and 'b'",
    ));
  it.each([
    ["integer", "x"],
    ["boolean", "yes"],
    ["object", "x"],
  ])("of type %s refuses %s", (type, value) =>
    expect(() => validateConfig(project({ a: { type } }), { "app:a": value }, "dev", closed)).toThrow(
      `must be of type '${type}'`,
    ),
  );
  it("that is secret must be encrypted", () =>
    expect(() =>
      validateConfig(project({ a: { type: "string", secret: true } }), { "app:a": "x" }, "dev", closed),
    ).toThrow("must be encrypted"));
  it("knows lists", () => {
    const declared = project({ a: { type: "array", items: { type: "integer" } } });
    expect(() => validateConfig(declared, { "app:a": [1, 2] }, "dev", closed)).not.toThrow();
    expect(() => validateConfig(declared, { "app:a": [1, "x"] }, "dev", closed)).toThrow("array<integer>");
  });
});

describe("the config file of a stack", () => {
  it("keeps comments and order when a value is set", () => {
    const file = write(
      "Pulumi.dev.yaml",
      "# about this stack\nconfig:\n  # how many\n  app:count: 3 # few\n  app:other: x\n",
    );
    editStackConfig(file, { salt: "v1:a:b", set: { "app:count": "4", "app:new": { deep: [1] } } });
    expect(readFileSync(file, "utf8")).toBe(
      'encryptionsalt: v1:a:b\n# about this stack\nconfig:\n  # how many\n  app:count: "4" # few\n  app:other: x\n  app:new:\n    deep:\n      - 1\n',
    );
  });
  it("understands the old spelling of keys", () => {
    const file = write("Pulumi.dev.yaml", "config:\n  app:config:count: 3\n");
    expect(readStackConfig(file, "app").config).toEqual({ "app:count": 3 });
    editStackConfig(file, { set: { "app:count": "5" } });
    expect(readStackConfig(file, "app").config).toEqual({ "app:count": "5" });
  });
  it.each(["config: [1", "config:\n\t- x", "- a\n- b", "config: 7", "encryptionsalt: {}"])(
    "that is damaged (%j) is rejected by name",
    (text) => {
      const file = write("Pulumi.dev.yaml", text);
      expect(() => readStackConfig(file, "app")).toThrow(file);
    },
  );
  it.each(["config: [1", "config:\n\t- x", "- a\n- b"])("that cannot be read (%j) is not written over", (text) => {
    const file = write("Pulumi.dev.yaml", text);
    expect(() => editStackConfig(file, { set: { "app:count": "4" } })).toThrow("It was not changed");
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});

describe("config keys and paths", () => {
  it("get the project's namespace", () => {
    expect(fullKey("a", "app")).toBe("app:a");
    expect(fullKey("aws:region", "app")).toBe("aws:region");
    expect(parseConfigPath("gate.min[0]", "app")).toEqual({ key: "app:gate", path: ["min", 0] });
    expect(parseConfigPath("other:gate.min", "app")).toEqual({ key: "other:gate", path: ["min"] });
    expect(parseConfigPath('gate["a.[b"]', "app")).toEqual({ key: "app:gate", path: ["a.[b"] });
    expect(() => parseConfigPath("gate.[0]", "app")).toThrow("invalid configuration key");
  });
  it("set by path, values are typed", () =>
    expect(["1", "true", "007", "x", "1.5"].map(coerce)).toEqual([1, true, "007", "x", "1.5"]));
  it("create the containers along the way, and reject what does not fit", () => {
    expect(setAt(undefined, ["a", 0, "b"], 1, "k")).toEqual({ a: [{ b: 1 }] });
    expect(setAt(undefined, ["a", 2], "x", "k")).toEqual({ a: [null, null, "x"] });
    // At the top a plain value gives way, as it does with the CLI; deeper it does not.
    expect(setAt("text", ["a"], 1, "k")).toEqual({ a: 1 });
    expect(setAt({ secure: "v1:…" }, [0], 1, "k")).toEqual([1]);
    expect(() => setAt({ a: "text" }, ["a", "b"], 1, "k")).toThrow("not a map or list");
    expect(() => setAt({ a: [] }, ["a", 2], 1, "k")).toThrow("out of range");
    expect(() => setAt({ a: [1] }, ["a", -1], 1, "k")).toThrow("out of range");
    expect(() => setAt({ a: [1] }, ["a", "b"], 1, "k")).toThrow("is a key");
    expect(() => setAt({ a: {} }, ["a", 0], 1, "k")).toThrow("is an index");
    expect(() => setAt(undefined, ["a", 2 ** 40], 1, "k")).toThrow("out of range");
    expect(removeAt({ a: [1, 2], b: 1 }, ["a", 0], "k")).toEqual({ a: [2], b: 1 });
    expect(removeAt({ a: [1], b: 1 }, ["a", 7], "k")).toEqual({ a: [1], b: 1 });
  });
  it("never make plain text look like a secret", () => {
    expect(() => setAt(undefined, ["secure"], "x", "k")).toThrow("reserved");
    expect(setAt({ a: 1 }, ["secure"], "x", "k")).toEqual({ a: 1, secure: "x" });
    expect(() => removeAt({ a: 1, secure: "x" }, ["a"], "k")).toThrow("reserved");
  });
  it("reach the program as the CLI writes them", () =>
    expect(canonicalJson({ b: 1, a: "<&>" })).toBe('{"a":"\\u003c\\u0026\\u003e","b":1}'));
});
