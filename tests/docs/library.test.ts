import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/library.md", "utf8");

test("docs/library.md shows the example that the tests run", () => {
  expect(page).toContain(`\`\`\`ts\n${readFileSync("examples/library/index.ts", "utf8")}\`\`\``);
});

test("docs/library.md names every value that the package exports", () => {
  const entry = readFileSync("infra/library/components.ts", "utf8");
  const exported = [...entry.matchAll(/^export \{(.*)\} from/gm)].flatMap(([, names = ""]) => names.split(","));
  exported.push("dockerTarget", "kubernetesTarget");
  const values = exported.map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "));
  expect(values.length).toBeGreaterThan(8);
  expect(values.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});

test("docs/library.md copies the example before npm install, which writes to its package.json", () => {
  const copies = page.indexOf("cp -r ../model-promotion/examples/library/. .");
  expect(copies).toBeGreaterThan(0);
  expect(page.indexOf("npm install @pulumi/pulumi")).toBeGreaterThan(copies);
});
