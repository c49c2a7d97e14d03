/**
 * What `--target`, `--exclude` and `--exclude-protected` say, and where the engine is stricter than the CLI. What they do is in
 * the recorded scenarios.
 */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workspace } from "../helpers/scenario.ts";

const thing = (name: string) => `urn:pulumi:test::conformance::pulumi-nodejs:dynamic/conformance:Thing::${name}`;
const run = (verb: string, ...args: string[]) => [verb, "--yes", "--skip-preview", "--stack", "test", ...args];
const program = `import { Thing } from "./thing.ts";
const a = new Thing("a", { label: "alpha" });
new Thing("b", { label: a.address }, { protect: true });
new Thing("c", { label: "cee" });
`;

let workspace: Workspace;
beforeAll(async () => {
  workspace = Workspace.program(program);
  await workspace.ok("stack", "init", "test");
});
afterAll(() => workspace?.remove());

it("a resource that depends on an excluded one is not created, and the state stays valid", async () => {
  const rejected = await workspace.engine(run("up", "--exclude", thing("a")));
  expect(rejected.exit).toBe(1);
  const message = `Resource '${thing("b")}' depends on '${thing("a")}' which is new and excluded. Exclude both`;
  expect(rejected.stdout).toContain(message);
  expect(readFileSync(workspace.checkpoint, "utf8")).not.toContain(thing("b"));
  const preview = await workspace.engine(["preview", "--stack", "test", "--exclude", thing("a")]);
  expect(preview.exit).toBe(1);
  expect(preview.stdout.split(message)).toHaveLength(2);
  await workspace.ok(...run("up", "--exclude", thing("a"), "--exclude-dependents"));
});

it("a destroy reports what it has kept, and does not remove a stack with resources", async () => {
  await workspace.ok(...run("up"));
  expect(await workspace.ok(...run("destroy", "--target", thing("c")))).not.toContain("have been deleted");
  const removed = await workspace.engine(run("destroy", "--exclude", thing("b"), "--remove"));
  expect(removed).toMatchObject({ exit: 1, stderr: expect.stringContaining("still has resources") });
  expect(existsSync(workspace.checkpoint)).toBe(true);
  await workspace.ok(...run("up"));
  // The stack, the provider, and a, which b depends on.
  const kept = "There are still 4 protected resources associated with this stack.\n";
  expect(await workspace.ok(...run("destroy", "--exclude-protected"))).toContain(
    `All unprotected resources were destroyed. ${kept}`,
  );
  expect(await workspace.ok(...run("destroy", "--exclude-protected"))).toBe(
    `There were no unprotected resources to destroy. ${kept}`,
  );
});
