import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { expect, onTestFinished, test } from "vitest";

/** Node without type stripping, as Node 20 and 22.0 to 22.17. */
const OLD = "--no-experimental-strip-types";

test("names a Node that does not run TypeScript, the required one and the remedy, without a stack trace", () => {
  const args = [
    OLD,
    "--input-type=module",
    "--eval",
    "await import('./infra/start.mjs').catch(({ message, __pulumiRunError }) => console.log(message, __pulumiRunError))",
  ];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  // The SDK shows such an error without a stack trace.
  expect(stdout).toMatch(/ true\n$/);
  expect(stdout).toContain(
    `Node ${process.versions.node} (${process.execPath}) cannot run this program: it requires Node 22.18 or newer`,
  );
  expect(stdout).toContain(`PATH="${process.cwd()}/node_modules/node/bin:$PATH" pulumi …, or run \`npx pulumi …\``);
});

test("the policy pack reports the same", () => {
  const args = [OLD, "../node_modules/@pulumi/pulumi/cmd/run-policy-pack", "127.0.0.1:1", "."];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: "policy", encoding: "utf8" });
  const said = stdout + stderr;
  expect(status).not.toBe(0);
  expect(said).toContain("cannot run this policy pack: it needs Node 22.18 or newer");
  expect(said).not.toMatch(/^\s+at /m);
});

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const ownScripts = Object.entries(scripts).filter(([, script]) => /^node .*\.(ts|mjs)\b/.test(script));

test.each(ownScripts.filter(([name]) => !name.startsWith("quickstart")))(
  "npm run %s names the required Node in one sentence",
  (_name, script) => {
    // Its first module exits.
    const [, ...args] = script.split(" ");
    const { stderr, status } = spawnSync(process.execPath, [OLD, ...args], { encoding: "utf8" });
    expect({ stderr, status }).toEqual({
      stderr: `this command requires Node 22.18 or newer, but Node ${process.versions.node} (${process.execPath}) ran it. Run \`npm ci\`, which installs one.\n`,
      status: 1,
    });
  },
);

test("before npm ci, a script says to run it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fresh-clone-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp("deploy/require-node.mjs", join(folder, "deploy/require-node.mjs"));
  const { stderr, status } = spawnSync(process.execPath, [join(folder, "deploy/require-node.mjs")], {
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({
    stderr: "the project's packages are not installed. Run `npm ci`.\n",
    status: 1,
  });
});

test("the program and the policy pack do not use `using`, which Node 22.18 does not support", () => {
  const files = globSync("{infra,training,registry,service,dynamic,policy,data}/**/*.ts");
  expect(files.length).toBeGreaterThan(200);
  const used = files.flatMap((file) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      // Type stripping keeps `using`, which V8 supports since Node 24.
      if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0)
        found.push(`${file}: ${node.getText()}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
    return found;
  });
  expect(used).toEqual([]);
});
