import { expect, test } from "vitest";
import { readSettings } from "../../service/settings.ts";

test("has defaults for everything except the model", () => {
  expect(readSettings({ MODEL_URI: "model", PORT: "" })).toMatchObject({
    MODEL_URI: "model",
    HOST: "127.0.0.1",
    PORT: 8000,
    MAX_ROWS: 10_000,
    MAX_BODY_BYTES: 10_485_760,
  });
});

test("reports all problems: variable, value and remedy", () => {
  const read = () => readSettings({ PORT: "80a", MAX_ROWS: "0", MODEL_SHA256: "abc" });
  expect(read).toThrow("MODEL_URI is not set: set it to a model's folder or to models:/<name>/<version>");
  expect(read).toThrow('PORT is "80a": must be a whole number from 0 (any free port) to 65535, for example PORT=8000');
  expect(read).toThrow('MAX_ROWS is "0": must be a whole number from 1');
  expect(read).toThrow('MODEL_SHA256 is "abc": must be a SHA-256, 64 hexadecimal digits');
});

test("accepts a digest in either case", () => {
  expect(readSettings({ MODEL_URI: "m", MODEL_SHA256: "AB".repeat(32) }).MODEL_SHA256).toBe("ab".repeat(32));
});

test("allows a shared port only with one worker", () => {
  expect(readSettings({ MODEL_URI: "m", SHARED_PORT: "8001" }).SHARED_PORT).toBe(8001);
  expect(readSettings({ MODEL_URI: "m" }).SHARED_PORT).toBeUndefined();
  expect(() => readSettings({ MODEL_URI: "m", SHARED_PORT: "8001", WORKERS: "2" })).toThrow("unset WORKERS");
  expect(() => readSettings({ MODEL_URI: "m", SHARED_PORT: "0" })).toThrow("from 1 to 65535");
});
