import { createInterface } from "node:readline/promises";

/** Prompts for the person who started the command. */
export interface Terminal {
  /** Shows the question and returns the typed line; an empty string at end of input. */
  ask(question: string): Promise<string>;
}

/** Returns undefined if stdin is not a terminal. Questions go to stderr, because stdout may be redirected to a file. */
export function openTerminal(): Terminal | undefined {
  if (!process.stdin.isTTY) return undefined;
  return {
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const ended = new Promise<string>((done) => lines.once("close", () => done("")));
      const answer = await Promise.race([lines.question(question), ended]);
      lines.close();
      return answer.trim();
    },
  };
}

export interface Choice {
  readonly name: string;
  /** Description shown beside the name. */
  readonly detail: string;
}

/**
 * Prompts for a choice by number or name.
 * @throws Error if the answer is neither
 */
export async function choose(terminal: Terminal, question: string, choices: readonly Choice[]): Promise<string> {
  const width = Math.max(...choices.map(({ name }) => name.length));
  const lines = choices.map(({ name, detail }, index) => `  ${index + 1}  ${name.padEnd(width)}  ${detail}`);
  const answer = await terminal.ask(`${question}\n${lines.join("\n")}\nNumber or name: `);
  const chosen = choices.find(({ name }, index) => answer === name || answer === String(index + 1));
  if (chosen) return chosen.name;
  throw new Error(`"${answer}" is not one of ${choices.map(({ name }) => name).join(", ")}. Nothing was changed`);
}

/**
 * Asks for confirmation of the plan above.
 * @param yes whether `--yes` was given, which skips the question
 * @throws Error if there is neither a terminal nor `--yes`
 */
export async function agreed(terminal: Terminal | undefined, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!terminal)
    throw new Error("nothing was changed: there is no terminal to confirm on. Add --yes to apply the changes above");
  return /^y(es)?$/i.test(await terminal.ask("Continue? y/N "));
}

/** Returns a handler that prints a command's error in one message, without a stack trace, and sets exit code 1. */
export const reportFailure =
  (command: string) =>
  (error: unknown): void => {
    console.error(`${command}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  };
