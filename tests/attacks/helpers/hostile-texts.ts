/** A part of a pattern: what it matches at least, and what may be repeated in it. */
interface Part {
  /** A shortest text that it matches, more or less. */
  readonly sample: string;
  /** Texts that lead into each of its repetitions, and what is repeated there. */
  readonly pumps: readonly { readonly before: string; readonly unit: string }[];
}

const CLASSES: Readonly<Record<string, string>> = { d: "1", w: "a", s: " ", S: "x", D: "x", W: "-", n: "\n", t: "\t" };

/** A reader of as much of the regular expressions' language as this project uses; look-arounds match nothing. */
class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): Part {
    const parts: Part[] = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    // The longest sample, so that what comes before a repetition is there.
    const [first] = parts.toSorted((a, b) => b.sample.length - a.sample.length);
    return { sample: first?.sample ?? "", pumps: parts.flatMap(({ pumps }) => pumps) };
  }

  #sequence(): Part {
    let sample = "";
    const pumps: { before: string; unit: string }[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#source[this.#at] ?? "")) {
      const atom = this.#atom();
      for (const { before, unit } of atom.pumps) pumps.push({ before: sample + before, unit });
      if (this.#repeats()) pumps.push({ before: sample, unit: atom.sample || "a" });
      sample += atom.sample;
    }
    return { sample, pumps };
  }

  #repeats(): boolean {
    const found = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at))?.[0];
    if (found === undefined) return false;
    this.#at += found.length;
    return !found.startsWith("?") && !/^\{\d+\}/.test(found);
  }

  #atom(): Part {
    if (this.#take("(")) return this.#group();
    const character = this.#source[this.#at++] ?? "";
    if (character === "[") return this.#set();
    if (character === "\\") return literal(this.#escaped());
    if (character === ".") return literal("a");
    return literal("^$".includes(character) ? "" : character);
  }

  #group(): Part {
    const look = /^\?(?:[=!]|<[=!])/.test(this.#source.slice(this.#at));
    const head = /^\?(?::|[=!]|<[=!]|<\w+>)/.exec(this.#source.slice(this.#at))?.[0] ?? "";
    this.#at += head.length;
    const inner = this.alternatives();
    this.#take(")");
    return look ? { sample: "", pumps: inner.pumps } : inner;
  }

  #set(): Part {
    const negated = this.#take("^");
    const members: string[] = [];
    while (this.#source[this.#at] !== "]" || members.length === 0) {
      const character = this.#source[this.#at++] ?? "";
      members.push(character === "\\" ? this.#escaped() : character);
      if (this.#at >= this.#source.length) break;
    }
    this.#take("]");
    const other = ["a", "1", " ", "/"].find((candidate) => !members.includes(candidate));
    return literal(negated ? (other ?? "x") : (members[0] ?? ""));
  }

  #escaped(): string {
    const character = this.#source[this.#at++] ?? "";
    const digits = character === "u" ? 4 : character === "x" ? 2 : 0;
    if (digits === 0) return CLASSES[character] ?? (character === "b" ? "" : character);
    const code = Number.parseInt(this.#source.slice(this.#at, this.#at + digits), 16);
    this.#at += digits;
    return String.fromCharCode(code);
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

const literal = (sample: string): Part => ({ sample, pumps: [] });

/**
 * Texts made to let a regular expression try in vain: for each of its repetitions the way into it, then what it repeats many times, then
 * an end that does not fit.
 */
export function* hostileTexts(pattern: RegExp, length: number): Generator<string> {
  for (const { before, unit } of new Reader(pattern.source).alternatives().pumps)
    for (const end of ["\u0000", " \u0000", `${unit}\n\u0000`, "x", ""])
      yield before + unit.repeat(Math.ceil(length / unit.length)) + end;
}
