/**
 * Output for logs and pipes: one line per event, never redrawn.
 * @module
 */
import { diffNote, opCell, problemCounts, statusOf } from "./line.ts";
import type { Change, Row } from "./rows.ts";
import { RowsDisplay } from "./rows-display.ts";

export class PlainDisplay extends RowsDisplay {
  protected override rowChanged(row: Row, change: Change): void {
    const { preview, paint, showSames, write } = this.options;
    const quiet = row.op === "same" && row.phase !== "failed" && change !== "note" && !showSames;
    // A preview shows everything at the start; an update also shows the end.
    if (quiet || change === "problem" || (preview && change === "ended")) return;
    const [first = "", ...more] = row.note.split("\n");
    const text = first === "" ? "" : more.length > 0 ? `${first} …` : first;
    const note = change === "note" ? text : problemCounts(row);
    const cells = [statusOf(row, preview, paint), change === "ended" ? "" : diffNote(row.step), note];
    const line = cells.filter((cell) => cell !== "").join(" ");
    write(` ${opCell(row, paint)} ${row.type} ${row.name}${line === "" ? "" : ` ${line}`}\n`);
  }
}
