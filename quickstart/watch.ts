import { RunningLine, type Screen } from "./running-line.ts";

/** Receives a command's output lines and is notified of its end. */
export interface Watcher {
  show(line: string): void;
  end(): void;
}

/** Starts watching a command. */
export type Watch = (what: string) => Watcher;

/** Shows commands: all their output with `verbose`, otherwise one line each. Keeps the last command's output to explain a failure. */
export class Commands {
  readonly #screen: Screen;
  readonly #verbose: boolean;
  /** The last command and its output; empty if it has been shown already. */
  transcript = "";

  constructor(screen: Screen, verbose: boolean) {
    this.#screen = screen;
    this.#verbose = verbose;
  }

  /** Shows each command on its own line. */
  readonly watch: Watch = (what) => this.#watch(what, () => new RunningLine(this.#screen, what));

  /** Shows several minor commands on one shared line, until `end`. */
  together(what: string): { readonly watch: Watch; readonly end: () => void } {
    if (this.#verbose) return { watch: this.watch, end: () => {} };
    const line = new RunningLine(this.#screen, what);
    const watch: Watch = (command) => this.#watch(command, () => ({ show: (text) => line.show(text), end: () => {} }));
    return { watch, end: () => line.end() };
  }

  #watch(what: string, quiet: () => Watcher): Watcher {
    if (this.#verbose) {
      this.#screen.write(`\n  ${what}\n`);
      return { show: (line) => this.#screen.write(`  │ ${line}\n`), end: () => {} };
    }
    this.transcript = `  ${what}\n`;
    const watcher = quiet();
    return {
      show: (line) => {
        this.transcript += `  │ ${line}\n`;
        watcher.show(line);
      },
      end: () => watcher.end(),
    };
  }
}
