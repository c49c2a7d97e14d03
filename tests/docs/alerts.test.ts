import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

const { groups } = parse(readFileSync("docs/alerts.yaml", "utf8")) as Rules;
const rules = groups.flatMap((group) => group.rules);
const monitoring = readFileSync("docs/monitoring.md", "utf8");

test("every metric of an alert is one that the service exports", () => {
  const code = globSync("service/watch/*.ts")
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const exported = new Set(code.match(/"inference_[a-z_]+"/g)?.map((quoted) => quoted.slice(1, -1)));
  const named = new Set(
    rules.flatMap(({ expr }) => expr.match(/inference_[a-z_]+/g) ?? []).map((name) => name.replace(/_bucket$/, "")),
  );
  expect(named.size).toBeGreaterThan(8);
  expect([...named].filter((name) => !exported.has(name))).toEqual([]);
  expect([...exported].filter((name) => !monitoring.includes(`| \`${name}\` |`))).toEqual([]);
});

test("docs/monitoring.md explains exactly the alerts of docs/alerts.yaml", () => {
  const documented = [...monitoring.matchAll(/^### (Inference\w+)$/gm)].map(([, name]) => name);
  expect(documented).toEqual(rules.map(({ alert }) => alert));
});
