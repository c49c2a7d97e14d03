/** As much of a stream as a line needs; process.stdout is one. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
/** Column that the seconds end at; commands of the story are shorter. */
const WIDTH = 80;
const ERASE = "\r\x1b[2K";

/**
 * A line for something that takes its time: what it is, and at the end how long it took. At a terminal it also shows the seconds that pass and the last
 * line that came, in place; elsewhere, as in the log of a CI job, it is written once, from left to right.
 */
export class RunningLine {
  readonly #screen: Screen;
  readonly #what: string;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #last = "";

  constructor(screen: Screen, what: string) {
    this.#screen = screen;
    this.#what = what;
    if (screen.isTTY) {
      this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
      this.#draw();
    } else screen.write(`  ${what}`);
  }

  /** Shows a line of what runs. */
  show(line: string): void {
    this.#last = line.replace(/\s+/g, " ").trim();
  }

  end(): void {
    clearInterval(this.#timer);
    const time = this.#seconds().padStart(WIDTH - 2 - this.#what.length);
    this.#screen.write(this.#screen.isTTY ? `${ERASE}  ${this.#what}${time}\n` : `${time}\n`);
  }

  #seconds = () => ` ${Math.round((performance.now() - this.#started) / 1000)} s`;

  #draw(): void {
    const frame = FRAMES[Math.floor((performance.now() - this.#started) / FRAME_MS) % FRAMES.length];
    const line = `${frame} ${this.#what} ${this.#seconds()}  ${this.#last}`;
    // A line that wraps cannot be erased.
    // Some terminals do not know their width, or say 0.
    const { columns = 0 } = this.#screen;
    this.#screen.write(ERASE + line.slice(0, (columns > 0 ? columns : 80) - 1));
  }
}
