import { expect, test } from "vitest";
import { changedInputs } from "../../dynamic/provider-inputs.ts";

interface Inputs {
  readonly name: string;
  readonly policy?: object | undefined;
  readonly command?: readonly string[];
}

const KEYS = ["name", "policy", "command"] as const;
const changed = (olds: Inputs, news: Inputs) => changedInputs(olds, news, KEYS);

test("names the inputs that differ, in the order of the keys", () => {
  expect(changed({ name: "a", command: ["x"] }, { name: "b", command: ["y"] })).toEqual(["name", "command"]);
});

test("ignores the order of keys, which changes in transit through the engine", () => {
  const olds = { name: "a", policy: { accuracy: { min: 0.9 }, f1: { min: 0.5, max: 1 } } };
  const news = { name: "a", policy: { f1: { max: 1, min: 0.5 }, accuracy: { min: 0.9 } } };
  expect(changed(olds, news)).toEqual([]);
});

test("detects nested differences, and the order of a list", () => {
  const olds = { name: "a", policy: { accuracy: { min: 0.9 } }, command: ["x", "y"] };
  expect(changed(olds, { ...olds, policy: { accuracy: { min: 0.85 } } })).toEqual(["policy"]);
  expect(changed(olds, { ...olds, command: ["y", "x"] })).toEqual(["command"]);
});

test("treats an undefined property as absent", () => {
  expect(changed({ name: "a" }, { name: "a", policy: undefined })).toEqual([]);
  expect(changed({ name: "a", policy: {} }, { name: "a", policy: { accuracy: undefined } })).toEqual([]);
});

test("distinguishes a number from its text, and an absent input from a present one", () => {
  expect(changed({ name: "a", policy: { min: 1 } }, { name: "a", policy: { min: "1" } })).toEqual(["policy"]);
  expect(changed({ name: "a" }, { name: "a", policy: {} })).toEqual(["policy"]);
});

test("ignores inputs that are not among the keys", () => {
  expect(changedInputs({ name: "a", secret: 1 }, { name: "a", secret: 2 }, ["name"])).toEqual([]);
});
