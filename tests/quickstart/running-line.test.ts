import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RunningLine } from "../../quickstart/running-line.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function screen(more: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  return { ...more, written, write: (text: string) => written.push(text) };
}

/** Returns what a terminal shows: the last state of every line. */
const shown = (written: readonly string[]) =>
  written
    .join("")
    .split("\n")
    .map((line) => line.split("\x1b[2K").at(-1));

test("in a log, a line is written once, from left to right, with its seconds at the end", () => {
  const log = screen();
  const running = new RunningLine(log, "$ pulumi up");
  expect(log.written.join("")).toBe("  $ pulumi up");
  running.show("creating");
  vi.advanceTimersByTime(61_400);
  running.end();
  expect(log.written.join("")).toBe(`  $ pulumi up${" ".repeat(63)}61 s\n`);
});

test("on a terminal, seconds and output are redrawn in place, and one line remains", () => {
  const terminal = screen({ isTTY: true, columns: 60 });
  const running = new RunningLine(terminal, "$ pulumi up");
  running.show(" +  mlflow-server   creating (3s)");
  vi.advanceTimersByTime(3_000);
  expect(shown(terminal.written)).toEqual([
    expect.stringMatching(/^\S \$ pulumi up {2}3 s {2}\+ mlflow-server creating/),
  ]);
  running.end();
  const drawn = terminal.written.length;
  vi.advanceTimersByTime(10_000);
  expect(terminal.written.length).toBe(drawn);
  expect(shown(terminal.written)).toEqual([`  $ pulumi up${" ".repeat(64)}3 s`, ""]);
});

test("a line is always narrower than the terminal, because a wrapped line cannot be erased", () => {
  const terminal = screen({ isTTY: true, columns: 30 });
  const running = new RunningLine(terminal, "$ pulumi up");
  running.show("x".repeat(200));
  vi.advanceTimersByTime(500);
  running.end();
  const [, ...frames] = terminal.written.slice(0, -1).join("").split("\r\x1b[2K");
  expect(frames.length).toBeGreaterThan(3);
  expect(Math.max(...frames.map((frame) => frame.length))).toBe(29);
});
