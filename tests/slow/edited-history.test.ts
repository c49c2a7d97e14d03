/** Events of the history edited by hand: nothing wrong goes to production, and clean updates alone repair it. A short version of `npm run torture -- --only edits`. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Arena, openArena } from "../helpers/torture/arena.ts";
import { allEdits, runEdit } from "../helpers/torture/edit-cases.ts";

const edits = allEdits().filter(({ name }) => /last event|history/.test(name));

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(() => arena?.close());

test.each(edits.map((edit) => [edit.name, edit] as const))("%s", { timeout: 180_000 }, async (_, edit) => {
  expect(await runEdit(arena, edit)).toMatchObject({ wrongPromotions: [], notConverged: [], problems: [] });
});
