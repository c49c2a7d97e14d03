import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const script = readFileSync(".ci/run", "utf8");
const listed = (name: string) => new RegExp(`^${name}="([^"]*)"`, "m").exec(script)?.[1]?.split(" ") ?? [];
const changeParts = listed("CHANGE_PARTS");
const knownParts = [...changeParts, ...listed("KNOWN_PARTS").slice(1)];

interface Job {
  /** Undefined for a job that calls another workflow. */
  readonly steps?: readonly { readonly run?: string }[];
  readonly strategy?: { readonly matrix: { readonly part: readonly string[] } };
}
/** Returns the parts that a workflow's jobs run, and the jobs' other commands. */
function partsOf(file: string): string[] {
  const { jobs } = parse(readFileSync(`.github/workflows/${file}`, "utf8")) as { jobs: Record<string, Job> };
  return Object.values(jobs).flatMap(({ steps = [], strategy }) =>
    steps.flatMap(({ run }) => {
      const [, part] = /^\.ci\/run (.+)$/.exec(run ?? "") ?? [];
      if (part === undefined) return [];
      return part.includes("matrix.part") ? (strategy?.matrix.part ?? []) : [part];
    }),
  );
}

test("ci.yml runs every default part of .ci/run in a job of its own, the slow tests, and applies the rendered objects", () => {
  expect(changeParts).toEqual(["check", "test", "attacks", "docker", "kubernetes"]);
  // The cluster tests run in the job `kind`.
  expect(partsOf("ci.yml")).toEqual([...changeParts.filter((part) => part !== "kubernetes"), "slow", "kind"]);
  expect(readFileSync(".ci/kind", "utf8")).toContain("npm run test:kubernetes");
});

test("nightly.yml runs the other parts", () => {
  expect([...partsOf("ci.yml"), "kubernetes", ...partsOf("nightly.yml")].sort()).toEqual([...knownParts].sort());
});

test("each part has its commands, and runs scripts of package.json", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const part of knownParts) expect(script).toMatch(new RegExp(`^part_${part}\\(\\) \\{`, "m"));
  const named = [...script.matchAll(/npm run (?:--silent )?"?([\w:]+)/g)].map(([, name]) => name ?? "");
  const benches = /for bench in ([a-z ]+);/.exec(script)?.[1]?.split(" ") ?? [];
  expect(named).toEqual(expect.arrayContaining(["check", "test:attacks", "test:slow", "torture", "bench:"]));
  expect(benches).toContain("gate");
  for (const name of [...named.filter((each) => each !== "bench:"), ...benches.map((each) => `bench:${each}`)])
    expect(scripts).toHaveProperty([name]);
});

test("rejects an unknown part before anything is installed", () => {
  const { status, stderr } = spawnSync(".ci/run", ["check", "tests"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 2, stderr: `.ci/run: tests is not one of: ${knownParts.join(" ")}\n` });
});

test("the CI scripts are valid bash", () => {
  const files = readdirSync(".ci").filter((file) => !file.includes("."));
  expect(files).toContain("run");
  for (const file of files)
    expect(spawnSync("bash", ["-n", `.ci/${file}`], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
