import { globSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { ownFile, ownModule } from "../../dynamic/own-package.ts";

const root = process.cwd();
afterEach(() => process.chdir(root));

/** Existing stacks store these texts: changing one would change every resource. */
test("a checkout refers to modules and files by their paths from its root", () => {
  expect(ownModule("./registry/promotion-provider.ts")).toBe("./registry/promotion-provider.ts");
  expect(ownFile("service/main.ts")).toBe("service/main.ts");
  expect(ownFile("infra/targets")).toBe("infra/targets");
});

test("an installed package refers to its modules by package name, wherever it is installed", () => {
  expect(ownModule("./registry/promotion-provider.ts", true)).toBe("model-promotion/registry/promotion-provider");
});

test("finds a file from another folder", () => {
  process.chdir("infra/targets");
  expect(ownFile("service/main.ts")).toBe("../../service/main.ts");
});

test("package.json exports every provider under the name that stacks of other projects store", () => {
  const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const [pattern = "", target] = Object.entries<string>(exports).find(([key]) => key.includes("*")) ?? [];
  const named = globSync("{infra,registry,training}/**/*.ts").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/"(\.\/\S+-provider\.ts)",/g)].map(([, path = ""]) => path),
  );
  expect(named.length).toBeGreaterThan(10);
  const [start = "", end = ""] = pattern.split("*");
  for (const path of named) {
    const module = ownModule(path, true).replace(name, ".");
    expect(module.startsWith(start) && module.endsWith(end), path).toBe(true);
    const stem = module.slice(start.length, module.length - end.length);
    expect(target?.replace("*", stem)).toBe(path.replace("./", "./dist/").replace(/\.ts$/, ".js"));
  }
});
