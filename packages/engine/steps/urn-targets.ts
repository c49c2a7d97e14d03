/**
 * The URNs and patterns of a flag such as `--target`.
 * @module
 */

/** Compiles a pattern: `*` matches any text without a colon, `**` any text. */
function matcher(pattern: string): RegExp {
  const quoted = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const parts = pattern.split("**").map((part) => part.split("*").map(quoted).join("[^:]*"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

export class UrnTargets {
  /** URNs without wildcards. */
  readonly literals: ReadonlySet<string>;
  readonly #urns: Set<string>;
  readonly #patterns: readonly RegExp[];

  constructor(named: readonly string[]) {
    this.literals = new Set(named.filter((name) => !name.includes("*")));
    this.#urns = new Set(this.literals);
    this.#patterns = named.filter((name) => name.includes("*")).map(matcher);
  }

  /** Whether the flag was given at all. */
  get given(): boolean {
    return this.literals.size > 0 || this.#patterns.length > 0;
  }

  has(urn: string): boolean {
    return this.#urns.has(urn) || this.#patterns.some((pattern) => pattern.test(urn));
  }

  /** Adds a URN, such as that of a dependent. */
  add(urn: string): void {
    this.#urns.add(urn);
  }
}
