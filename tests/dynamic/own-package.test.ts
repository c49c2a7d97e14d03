import { globSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { ownFile, ownModule } from "../../dynamic/own-package.ts";

const root = process.cwd();
afterEach(() => process.chdir(root));

/** The stacks of today hold these texts: a change of them would be a change of every resource. */
test("in the checkout, modules and files go by their paths from its root", () => {
  expect(ownModule("./registry/promotion-provider.ts")).toBe("./registry/promotion-provider.ts");
  expect(ownFile("service/main.ts")).toBe("service/main.ts");
  expect(ownFile("infra/targets")).toBe("infra/targets");
});

test("an installed package's modules go by its name, wherever it lies", () => {
  expect(ownModule("./registry/promotion-provider.ts", true)).toBe("model-promotion/registry/promotion-provider");
});

test("a file is found from another folder, too", () => {
  process.chdir("infra/targets");
  expect(ownFile("service/main.ts")).toBe("../../service/main.ts");
});

test("package.json exports every provider that a resource names, by the name that stacks of other projects hold", () => {
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
