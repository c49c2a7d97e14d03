import { expect, test } from "vitest";
import { Commands, type Watch } from "../../quickstart/watch.ts";

function commandsWith(verbose: boolean) {
  let text = "";
  const commands = new Commands({ write: (more: string) => (text += more) }, verbose);
  return { commands, written: () => text };
}

function run(watch: Watch, what: string, ...lines: string[]) {
  const watcher = watch(what);
  for (const line of lines) watcher.show(line);
  watcher.end();
}

test("quiet: one line per command, and the last command's output is kept to explain a failure", () => {
  const { commands, written } = commandsWith(false);
  run(commands.watch, "$ pulumi stack init", "created");
  run(commands.watch, "$ pulumi up", "updating", "error: the reason");
  expect(written()).toMatch(/^ {2}\$ pulumi stack init +0 s\n {2}\$ pulumi up +0 s\n$/);
  expect(commands.transcript).toBe("  $ pulumi up\n  │ updating\n  │ error: the reason\n");
});

test("quiet: several commands share a line, and the output of the last one is kept", () => {
  const { commands, written } = commandsWith(false);
  const { watch, end } = commands.together("Stacks");
  run(watch, "$ pulumi stack init staging", "created");
  run(watch, "$ pulumi config set", "error: no such key");
  end();
  expect(written()).toMatch(/^ {2}Stacks +0 s\n$/);
  expect(commands.transcript).toBe("  $ pulumi config set\n  │ error: no such key\n");
});

test("verbose: prints all output of the commands and keeps none", () => {
  const { commands, written } = commandsWith(true);
  run(commands.watch, "$ pulumi up", "updating");
  const { watch, end } = commands.together("Stacks");
  run(watch, "$ pulumi config set", "done");
  end();
  expect(written()).toBe("\n  $ pulumi up\n  │ updating\n\n  $ pulumi config set\n  │ done\n");
  expect(commands.transcript).toBe("");
});
