import { defineConfig } from "vitest/config";

// Node loads the modules natively (type stripping): dynamic providers are serialised with their `import()` as written.
const experimental = { viteModuleRunner: false };

export default defineConfig({
  test: {
    // CI wants to count.
    reporters: process.env.VITEST_JSON ? ["default", "json"] : ["default"],
    outputFile: { json: process.env.VITEST_JSON ?? "" },
    projects: [
      {
        test: { name: "unit", include: ["tests/**/*.test.ts"], exclude: ["tests/integration/**"], experimental },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          experimental,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // Each file starts servers of its own; two cores do not carry more than one at a time.
          fileParallelism: false,
          globalSetup: ["tests/helpers/global-setup.ts"],
        },
      },
    ],
  },
});
