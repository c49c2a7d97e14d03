import { expect, test } from "vitest";
import { agreed } from "../../deploy/terminal.ts";

const answering = (answer: string) => ({ ask: async () => answer });

test("continues only after a yes or with --yes", async () => {
  for (const answer of ["y", "Y", "yes"]) expect(await agreed(answering(answer), false)).toBe(true);
  for (const answer of ["", "n", "yeah", "no"]) expect(await agreed(answering(answer), false)).toBe(false);
  const ask = () => Promise.reject(new Error("asked without need"));
  for (const terminal of [undefined, { ask }]) expect(await agreed(terminal, true)).toBe(true);
  await expect(agreed(undefined, false)).rejects.toThrow("there is no terminal to confirm on. Add --yes");
});
