import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { nearestName } from "../../../data/edit-distance.ts";
import { METRIC_FAMILIES, metricKeys } from "../../../training/gate/metrics/metric-table.ts";
import { keysAt } from "../../../training/gate/nearest-key.ts";
import { parsePolicy, policySchema } from "../../../training/gate/policy.ts";

test("finds the known name with the fewest edits", () => {
  expect(nearestName("acuracy", ["accuracy", "recall"])).toBe("accuracy");
  expect(nearestName("ROCAUC", ["prAuc", "rocAuc"])).toBe("rocAuc");
  expect(nearestName("x", [])).toBeUndefined();
});

test("prefers a name that starts with the text over shorter names", () => {
  expect(nearestName("acc", ["f1", "accuracy"])).toBe("accuracy");
});

test("finds keys at every depth of a policy, including below user-defined names", () => {
  expect(keysAt(policySchema, ["robustness", "noise"])).toEqual(["deviations", "flips", "accuracyDrop", "rmseRise"]);
  expect(keysAt(policySchema, ["slices", "mine"])).toContain("minSize");
  expect(keysAt(policySchema, ["slices"])).toEqual([]);
});

test("names file, key and nearest known key for all faults at once", () => {
  const policy = { performance: { rocauc: { min: 0.9 } }, latency: { single: { p96: { max: 1 } } }, chapmion: {} };
  expect(() => parsePolicy(policy, "policy.yaml")).toThrow(
    [
      "policy.yaml: performance.rocauc is not a setting. The nearest is performance.rocAuc",
      "policy.yaml: latency.single.p96 is not a setting. The nearest is latency.single.p95",
      "policy.yaml: chapmion is not a setting. The nearest is champion",
    ].join("\n"),
  );
});

test("accepts a policy unchanged, and adds nothing to it", () => {
  const policy = { accuracy: { min: 0.9 }, inconclusive: "pass" };
  expect(parsePolicy(policy, "p")).toEqual(policy);
  expect(() => parsePolicy({ inconclusive: "pass" }, "p")).toThrow("p: the policy must name at least one check");
});

test("docs/gate-policy.md and Pulumi.yaml document every key of the policy, and docs/metrics.md every metric", async () => {
  const keys = new Set<string>();
  const metrics = [...metricKeys, ...Object.keys(METRIC_FAMILIES)];
  const collect = (path: readonly string[]) => {
    for (const key of keysAt(policySchema, path)) {
      keys.add(key);
      collect([...path, key]);
    }
  };
  collect([]);
  collect(["slices", "any"]);
  collect(["custom", "any"]);
  expect(keys.size).toBeGreaterThan(90);
  const documented = await readFile("docs/metrics.md", "utf8");
  expect(metrics.filter((key) => !documented.includes(`\`${key}`))).toEqual([]);
  for (const [file, part] of [
    // Search only the relevant section and setting, because most keys are words that also occur elsewhere.
    ["docs/gate-policy.md", /(.*)/s],
    ["Pulumi.yaml", /^ {2}gate:\n(.*?)^ {2}\w+:/ms],
  ] as const) {
    const [, chapter = ""] = part.exec(await readFile(file, "utf8")) ?? [];
    // The parameters of metrics are listed next to them.
    const text = file === "docs/gate-policy.md" ? `${chapter}\n${documented}` : chapter;
    expect(
      [...keys].filter((key) => !metrics.includes(key) && !new RegExp(`\\b${key}\\b`).test(text)),
      file,
    ).toEqual([]);
  }
});
