import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nextCommands } from "../../deploy/new-model/model-files.ts";
import { nextFreePorts, usedByStacks } from "../../deploy/new-model/used-ports.ts";
import { TUTORIAL, tutorialCommands } from "../helpers/tutorial.ts";

const commands = tutorialCommands();
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

test("the tutorial's sections with commands are the ones that tests/slow/new-model.test.ts runs", () => {
  expect([...commands].map(([section, lines]) => [section, lines.length])).toEqual([
    [1, 2],
    [2, 1],
    [3, 4],
    [4, 1],
    [5, 3],
    [6, 4],
    [7, 2],
  ]);
});

test("the commands that take the model to production are the ones that `npm run new` prints", async () => {
  const { ports } = await usedByStacks(".");
  const [staging = 0, production = 0] = nextFreePorts(ports, 8000, 2);
  expect(commands.get(3)).toEqual(nextCommands({ name: "fraud", ports: { staging, production } }));
  expect(readFileSync(TUTORIAL, "utf8")).toContain(`ports ${staging} and ${production}, MLflow on`);
});

test("every npm script of the tutorial exists", () => {
  const named = [...commands.values()].flat().flatMap((line) => line.match(/(?<=npm run )[\w:-]+/g) ?? []);
  expect(named).toEqual(["new", "history", "rollback"]);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
