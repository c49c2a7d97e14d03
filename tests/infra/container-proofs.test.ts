import { expect, test } from "vitest";
import { type InsideContainer, judgeContainer } from "../../infra/deployment-check/container-proofs.ts";

const MB = 2 ** 20;
const LIMITS = { memoryMb: 512, cpus: 1, pids: 128 };
const EXPECTED = { id: "c", image: "acme/m@sha256:1", limits: LIMITS, dependencies: { hono: "4.0.0" } };
const INSIDE: InsideContainer = {
  memoryLimit: 512 * MB,
  memoryPeak: 60 * MB,
  cpus: 1,
  pids: 128,
  uid: 1000,
  capabilities: "0000000000000000",
  noNewPrivileges: true,
  rootWritable: false,
  node: "24.21.0",
  installed: { hono: "4.0.0" },
  locked: { hono: "4.0.0" },
};
const judge = (inside: Partial<InsideContainer> = {}, seen = {}) =>
  judgeContainer({ runs: "sha256:1", expected: "sha256:1", ...seen, inside: { ...INSIDE, ...inside } }, EXPECTED);
const failed = (proofs: ReturnType<typeof judge>) =>
  proofs.filter(({ passed }) => !passed).map(({ proof, detail }) => `${proof}: ${detail}`);

test("passes a container that is as described, with one line per proof", () => {
  expect(judge()).toEqual([
    { proof: "image", passed: true, detail: "runs acme/m@sha256:1" },
    { proof: "dependencies", passed: true, detail: "1 packages at their locked versions, Node 24.21.0" },
    {
      proof: "limits",
      passed: true,
      detail:
        "memory peak 60 of 512 MB, 1 cores, 128 processes, user 1000, no capabilities, no new privileges, read-only",
    },
  ]);
});

test("fails another image, and a container that cannot be inspected", () => {
  expect(failed(judge({}, { runs: "sha256:2" }))).toEqual([
    "image: runs sha256:2, but acme/m@sha256:1 (sha256:1) was approved",
  ]);
  expect(failed(judgeContainer("it has ended", EXPECTED))).toEqual([
    "image: it has ended",
    "dependencies: it has ended",
    "limits: it has ended",
  ]);
});

test.each([
  [{ installed: { hono: "4.0.1" } }, "hono: installed 4.0.1, its lock file 4.0.0"],
  [{ installed: {} }, "hono: installed none, its lock file 4.0.0"],
  [{ installed: { hono: "4.0.0", evil: "1.0.0" } }, "evil: installed 1.0.0, its lock file none"],
  [{ installed: { hono: "5.0.0" }, locked: { hono: "5.0.0" } }, "hono: its lock file 5.0.0, package-lock.json 4.0.0"],
])("dependencies that differ fail: %j", (inside, detail) => {
  expect(failed(judge(inside))).toEqual([`dependencies: ${detail}`]);
});

test.each([
  [{ memoryLimit: -1 }, "memory limit none, not 512 MB"],
  [{ cpus: -1 }, "no limit of cores, not 1"],
  [{ cpus: 2 }, "2 cores, not 1"],
  [{ pids: -1 }, "no limit of processes, not 128"],
  [{ uid: 0 }, "runs as root"],
  [{ capabilities: "00000000a80425fb" }, "has capabilities 00000000a80425fb"],
  [{ noNewPrivileges: false }, "may gain privileges"],
  [{ rootWritable: true }, "can write to its image"],
])("a limit that is not there fails: %j", (inside, detail) => {
  expect(failed(judge(inside))).toEqual([`limits: ${detail}`]);
});
