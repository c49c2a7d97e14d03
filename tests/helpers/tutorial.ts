import { readFileSync } from "node:fs";

export const TUTORIAL = "docs/tutorial-own-model.md";

/** Returns the commands of the tutorial's sections, by their numbers: the lines of all bash blocks. */
export function tutorialCommands(): ReadonlyMap<number, readonly string[]> {
  const sections = readFileSync(TUTORIAL, "utf8").split(/^## (?=\d)/m);
  return new Map(
    sections
      .slice(1)
      .map((section) => [
        Number.parseInt(section, 10),
        [...section.matchAll(/^```bash\n(.*?)^```$/gms)].flatMap(([, block = ""]) => block.trimEnd().split("\n")),
      ]),
  );
}
