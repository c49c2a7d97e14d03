/** A set of V8 holds at most 2^24 values. */
const MOST = 2 ** 23;

/** Any number of distinct values of a column, at about 50 bytes each. */
export class DistinctValues {
  readonly #sets: Set<number | bigint | string>[] = [new Set()];

  /** Adds the value; returns whether it was there before. */
  isRepeated(value: number | bigint | string): boolean {
    if (this.#sets.some((set) => set.has(value))) return true;
    const last = this.#sets.at(-1) as Set<number | bigint | string>;
    if (last.size < MOST) last.add(value);
    else this.#sets.push(new Set([value]));
    return false;
  }
}
