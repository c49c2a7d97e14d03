import { defineConfig } from "vitest/config";

// Node loads the modules natively (type stripping): dynamic providers are serialised with their `import()` as written.
const experimental = { viteModuleRunner: false };

/** Tests that judge times. */
const TIMED = ["tests/slow/*-load.test.ts", "tests/slow/new-model.test.ts"];

export default defineConfig({
  test: {
    // CI wants to count.
    reporters: process.env.VITEST_JSON ? ["default", "json"] : ["default"],
    outputFile: { json: process.env.VITEST_JSON ?? "" },
    // Integration tests wait most of their time: for servers to start, for engines to end.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/**/*.test.ts", "packages/*/tests/**/*.test.ts"],
          exclude: ["**/tests/{integration,slow,docker,cluster,attacks}/**"],
          experimental,
          // Far more than they take: a machine with other work must not fail them.
          testTimeout: 30_000,
          // Loading the modules again for each of 150 files takes longer than most of the tests.
          isolate: false,
        },
      },
      {
        test: {
          name: "docker",
          include: ["tests/docker/**/*.test.ts"],
          experimental,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // They share one Docker engine, and look at what it does with the time.
          fileParallelism: false,
          globalSetup: ["tests/docker/helpers/global-setup.ts"],
        },
      },
      {
        test: {
          name: "kubernetes",
          include: ["tests/cluster/**/*.test.ts"],
          experimental,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          // They share one cluster, and look at what it does with the time.
          fileParallelism: false,
          globalSetup: ["tests/cluster/helpers/global-setup.ts"],
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts", "packages/*/tests/integration/**/*.test.ts"],
          experimental,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: ["tests/helpers/global-setup.ts"],
        },
      },
      {
        test: {
          name: "attacks",
          include: ["tests/attacks/**/*.test.ts"],
          experimental,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: ["tests/helpers/global-setup.ts"],
        },
      },
      {
        test: {
          name: "slow",
          include: ["tests/slow/**/*.test.ts", "packages/*/tests/slow/**/*.test.ts"],
          exclude: TIMED,
          experimental,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          globalSetup: ["tests/helpers/global-setup.ts"],
        },
      },
      {
        test: {
          name: "timed",
          include: TIMED,
          experimental,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // After all others and one by one: beside another test they would measure that one, too.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          globalSetup: ["tests/helpers/global-setup.ts"],
        },
      },
    ],
  },
});
