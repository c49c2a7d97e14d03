/** The part of a stream, such as process.stdout, that a line needs. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
/** Column at which the seconds end; the quickstart's commands are shorter. */
const WIDTH = 80;
const ERASE = "\r\x1b[2K";

/**
 * A line for a long operation, with its name and, at the end, its duration. On a terminal, it is redrawn in place and also shows the
 * elapsed seconds and the last line of output. Elsewhere, such as in a CI log, it is written once, from left to right.
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

  /** Shows a line of the operation's output. */
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
    // A wrapped line cannot be erased, so it is cut. Some terminals do not report their width, or report 0.
    const { columns = 0 } = this.#screen;
    this.#screen.write(ERASE + line.slice(0, (columns > 0 ? columns : 80) - 1));
  }
}
