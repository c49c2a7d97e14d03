import { expect } from "vitest";

/** Expects our value within 1e-9 of theirs, relative above 1. null means that the value is not defined. */
export function same(ours: number | undefined, theirs: number | null, what: string, tolerance = 1e-9): void {
  if (theirs === null) expect(ours ?? Number.NaN, what).toBeNaN();
  else expect(Math.abs((ours ?? Number.NaN) - theirs) / Math.max(1, Math.abs(theirs)), what).toBeLessThan(tolerance);
}
