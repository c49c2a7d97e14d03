import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { configurationTables, type ProjectConfig, settingRows, withTables } from "../../infra/configuration-page.ts";

const { config } = parse(readFileSync("Pulumi.yaml", "utf8")) as { config: ProjectConfig };
const rows = settingRows(config);

test("every setting has a type and a meaning", () => {
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter(({ type, meaning }) => !type || !meaning).map(({ key }) => key)).toEqual([]);
});

test("a row has the path and the default, preferably the project's, without its digest", () => {
  const find = (key: string) => rows.find((row) => row.key === key);
  expect(find("data.training")?.preset).toBe("`training/data/churn/train.csv`");
  expect(find("data.csv.decimal")?.type).toBe("`.`, `,`");
  expect(find("kubernetes.service.cpu")).toMatchObject({ type: "text or number", preset: "`500m`" });
  expect(find("image.base")?.preset).toMatch(/^`node:\S+@sha256:…`$/);
});

test("docs/configuration.md is what `npm run docs:configuration` writes", () => {
  const page = readFileSync("docs/configuration.md", "utf8");
  expect(page).toBe(withTables(page, configurationTables(rows)));
});

test("a page without the generated part is an error", () => {
  expect(() => withTables("# Configuration\n", "")).toThrow("has no generated part");
});
