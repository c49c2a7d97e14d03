import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/library.md", "utf8");

test("docs/library.md shows the example that the tests run", () => {
  expect(page).toContain(`\`\`\`ts\n${readFileSync("examples/library/index.ts", "utf8")}\`\`\``);
});

test("docs/library.md names every value that the package exports", () => {
  const entry = readFileSync("infra/library.ts", "utf8");
  const exported = [...entry.matchAll(/^export \{(.*)\} from/gm)].flatMap(([, names = ""]) => names.split(","));
  const values = exported.map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "));
  expect(values.length).toBeGreaterThan(8);
  expect(values.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});
