import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { METRICS, metricKeys } from "../../../../training/gate/metrics/metric-table.ts";
import { CLASS_KEYS } from "../../../../training/gate/metrics/metrics-of.ts";
import { ofClass, runName } from "../../../../training/gate/metrics/parts.ts";
import { testNeedingPython } from "../../../helpers/test-needing.ts";

const NAMES = [
  "gentoo",
  "größe",
  "grO\u0308ße",
  "日本 語",
  "हिन्दी",
  "a/b",
  "a:b",
  "a//b",
  "..",
  "",
  " ",
  "ok 👍",
  "3",
  "-1.5",
  "a\nb",
  "x".repeat(300),
];

test("keeps letters and digits of any script, and replaces other characters with their code points", () => {
  expect(["größe", "a/b", "a:b", "50 %", "日本 語"].map(runName)).toEqual([
    "größe",
    "a_2f_b",
    "a_3a_b",
    "50 _25_",
    "日本 語",
  ]);
});

test("distinct names stay distinct, including long ones", () => {
  expect(new Set(NAMES.map(runName)).size).toBe(NAMES.length);
  expect(runName(`${"x".repeat(300)}1`)).not.toBe(runName(`${"x".repeat(300)}2`));
  expect(runName("x".repeat(300))).toHaveLength(150);
});

test("a class named like an average gets a distinct name on the run", () => {
  const taken = new Set<string>(metricKeys.map((key) => METRICS[key].metric));
  const clashing = CLASS_KEYS.flatMap((key) =>
    ["macro", "micro", "weighted", "ovr", "ovo"].map((name) => ofClass(METRICS[key], name).metric),
  ).filter((name) => taken.has(name));
  expect(clashing).toEqual([]);
  expect(ofClass(METRICS.recall, "macro").metric).toBe("recall__6d_acro");
  // The classes above cover each suffix in the table that follows the name of a per-class metric.
  const suffixes = [...taken].flatMap((name) =>
    CLASS_KEYS.flatMap((key) =>
      name.startsWith(`${METRICS[key].metric}_`) ? [name.slice(METRICS[key].metric.length + 1)] : [],
    ),
  );
  expect(new Set(suffixes)).toEqual(new Set(["macro", "micro", "weighted", "ovr", "ovo"]));
});

const { python, testWithPython } = await testNeedingPython();
const CHECK = `
import json, sys
from mlflow.utils.validation import _validate_metric
for name in json.load(sys.stdin): _validate_metric(name, 0.5, 1, 0)
print("valid")
`;

testWithPython("MLflow accepts the name of any class's metric", { timeout: 60_000 }, () => {
  const names = NAMES.map((name) => `gate.${ofClass(METRICS.calibrationError, name).metric}`);
  const { stdout, stderr } = spawnSync(python, ["-c", CHECK], { input: JSON.stringify(names), encoding: "utf8" });
  expect(stdout, stderr).toBe("valid\n");
});
