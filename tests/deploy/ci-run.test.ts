import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const script = readFileSync(".ci/run", "utf8");
const listed = (name: string) => new RegExp(`^${name}="([^"]*)"`, "m").exec(script)?.[1]?.split(" ") ?? [];
const changeParts = listed("CHANGE_PARTS");
const knownParts = [...changeParts, ...listed("KNOWN_PARTS").slice(1)];

interface Job {
  readonly steps: readonly { readonly run?: string }[];
  readonly strategy?: { readonly matrix: { readonly part: readonly string[] } };
}
/** The parts that a workflow's jobs run, and the jobs' other commands. */
function partsOf(file: string): string[] {
  const { jobs } = parse(readFileSync(`.github/workflows/${file}`, "utf8")) as { jobs: Record<string, Job> };
  return Object.values(jobs).flatMap(({ steps, strategy }) =>
    steps.flatMap(({ run }) => {
      const [, part] = /^\.ci\/run (.+)$/.exec(run ?? "") ?? [];
      if (part === undefined) return [];
      return part.includes("matrix.part") ? (strategy?.matrix.part ?? []) : [part];
    }),
  );
}

test("ci.yml runs every part that .ci/run runs by itself, each in a job, and applies the rendered objects", () => {
  expect(changeParts).toEqual(["check", "test", "attacks", "slow", "docker"]);
  expect(partsOf("ci.yml")).toEqual([...changeParts, "kind"]);
});

test("nightly.yml runs the others", () => {
  expect([...partsOf("ci.yml"), ...partsOf("nightly.yml")].sort()).toEqual([...knownParts].sort());
});

test("each part has its commands, and runs scripts of package.json", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  for (const part of knownParts) expect(script).toMatch(new RegExp(`^part_${part}\\(\\) \\{`, "m"));
  for (const [, name] of script.matchAll(/npm run (?:--silent )?([\w:]+)/g))
    if (name !== "bench:") expect(scripts).toHaveProperty([name ?? ""]);
  for (const bench of /for bench in ([a-z ]+);/.exec(script)?.[1]?.split(" ") ?? [])
    expect(scripts).toHaveProperty([`bench:${bench}`]);
});

test("an unknown part is refused before anything is installed", () => {
  const { status, stderr } = spawnSync(".ci/run", ["check", "tests"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 2, stderr: `.ci/run: tests is not one of: ${knownParts.join(" ")}\n` });
});

test("the scripts of CI are valid for bash", () => {
  for (const file of ["run", "kind", "apply-rendered", "with-docker-engine", "with-pulumi-cli"])
    expect(spawnSync("bash", ["-n", `.ci/${file}`], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
