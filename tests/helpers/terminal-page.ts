/** Renders a program's output as HTML as a terminal shows it: the last state of each line, with bold, dim and colours. */
export function terminalPage(output: string): string {
  const lines = output.replaceAll("\r\n", "\n").trimEnd().split("\n").map(lastState);
  return `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; background: #10151c; color: #d7dde5; }
  pre { margin: 0; padding: 24px 28px; font: 14px/1.45 "DejaVu Sans Mono", ui-monospace, monospace; }
  .bold { font-weight: 700; color: #fff; } .dim { color: #8794a4; } .green { color: #57c98b; } .red { color: #ff7b72; }
</style><pre>${lines.map(styled).join("\n")}</pre>`;
}

/** A control sequence of ECMA-48: its parameters and its final letter. */
const ESCAPE = String.fromCharCode(27);
const SEQUENCE = `${ESCAPE}\\[([\\d;]*)([A-Za-z])`;

/** Returns the rest of a line after the cursor went back to its start and the line was cleared. */
const lastState = (line: string): string =>
  line
    .split(new RegExp(`\r|${ESCAPE}\\[1G|${ESCAPE}\\[2K`))
    .filter((part) => part.replaceAll(new RegExp(SEQUENCE, "g"), "") !== "")
    .at(-1) ?? "";

/** The styles that the quickstart uses. */
const STYLES: Readonly<Record<string, string>> = { 1: "bold", 2: "dim", 31: "red", 32: "green" };

function styled(line: string): string {
  let isOpen = false;
  const html = line.split(new RegExp(`(${ESCAPE}\\[[\\d;]*[A-Za-z])`)).map((part) => {
    const [, code = "", final] = new RegExp(`^${SEQUENCE}$`).exec(part) ?? [];
    if (final === undefined) return part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    if (final !== "m") return "";
    const style = STYLES[code];
    const tags = `${isOpen ? "</span>" : ""}${style ? `<span class="${style}">` : ""}`;
    isOpen = style !== undefined;
    return tags;
  });
  return `${html.join("")}${isOpen ? "</span>" : ""}`;
}
