/**
 * A tree of resources on a terminal, redrawn as steps happen; messages follow at the end of the run.
 * @module
 */
import type { DisplayOptions, RunResult } from "./display.ts";
import { diffNote, opCell, problemCounts, statusOf } from "./line.ts";
import type { Row } from "./rows.ts";
import { RowsDisplay } from "./rows-display.ts";

const REDRAW_MS = 100;

/** Orders rows under their parents, with the tree branches before them. */
function treeOrder(rows: Iterable<Row>, rootUrn: string): { row: Row; branch: string }[] {
  const children = Map.groupBy(rows, (row) => (row.urn === rootUrn ? "" : row.parent));
  const placed = new Set<string>();
  const ordered: { row: Row; branch: string }[] = [];
  const place = (row: Row, prefix: string, branch: string) => {
    if (placed.has(row.urn)) return;
    placed.add(row.urn);
    ordered.push({ row, branch });
    const below = children.get(row.urn) ?? [];
    for (const [i, child] of below.entries()) {
      const last = i === below.length - 1;
      place(child, `${prefix}${last ? "   " : "│  "}`, `${prefix}${last ? "└─ " : "├─ "}`);
    }
  };
  for (const row of children.get("") ?? []) place(row, "", "");
  // Rows whose parent is not shown are added at the end.
  for (const list of children.values()) for (const row of list) place(row, "", "└─ ");
  return ordered;
}

export class TreeDisplay extends RowsDisplay {
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;
  #dirty = true;

  constructor(options: DisplayOptions) {
    super(options);
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  protected override rowChanged(): void {
    this.#dirty = true;
  }

  #lines(): string[] {
    const { preview, paint, width, showSames } = this.options;
    const shown = [...this.rows.rows.values()].filter(
      (row) =>
        row === this.rows.root ||
        showSames ||
        row.op !== "same" ||
        row.phase === "failed" ||
        row.note !== "" ||
        row.errors + row.warnings > 0 ||
        this.#hasShownChild(row),
    );
    const cells = treeOrder(shown, this.rows.root.urn).map(({ row, branch }) => ({
      row,
      type: `${branch}${row.type}`,
    }));
    const [typeWidth, nameWidth] = [
      Math.max(...cells.map(({ type }) => type.length)),
      Math.max(...cells.map(({ row }) => row.name.length)),
    ];
    return cells.map(({ row, type }) => {
      const plain = statusOf(row, preview, (text) => text);
      const room = width - typeWidth - nameWidth - plain.length - 12;
      const status = row.phase === "running" ? row.note.split("\n")[0] : problemCounts(row);
      const note = [diffNote(row.step), status ?? ""].filter((text) => text !== "").join(" ");
      const cut = note.length > room ? `${note.slice(0, Math.max(0, room - 1))}…` : note;
      return ` ${opCell(row, paint)} ${type.padEnd(typeWidth)}  ${row.name.padEnd(nameWidth)}  ${statusOf(row, preview, paint)} ${cut}`.trimEnd();
    });
  }

  #hasShownChild(row: Row): boolean {
    return [...this.rows.rows.values()].some(
      (child) =>
        child.parent === row.urn &&
        child !== row &&
        (child.op !== "same" || child.phase === "failed" || this.#hasShownChild(child)),
    );
  }

  #draw(): void {
    const isRunning = [...this.rows.rows.values()].some((row) => row.phase === "running" && row.op !== "same");
    if (!this.#dirty && !isRunning) return;
    this.#dirty = false;
    const lines = this.#lines();
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    this.options.write(`${up}\u001b[0J${lines.map((line) => `${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }

  override end(result: RunResult): void {
    clearInterval(this.#timer);
    this.rows.finish(result.failed);
    this.#dirty = true;
    this.#draw();
    this.writeLines([""]);
    super.end(result);
  }
}
