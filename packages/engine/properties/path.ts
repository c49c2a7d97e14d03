/**
 * Property paths in Pulumi's format: `a.b[0]["c d"]`, with `*` as a wildcard.
 * @module
 */

export type Path = readonly (string | number)[];

/** Parses a path as leniently as the CLI, which accepts `a.[0]` and `a..b`. @throws Error if it is malformed */
export function readPath(text: string): Path {
  const bad = (what: string) => new Error(`"${text}" is not a property path: ${what}`);
  if (text.startsWith(".")) throw bad("expected property path to start with a name or index");
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== "") {
    if (rest.startsWith(".")) {
      rest = rest.slice(1);
      if (rest === "") throw bad("expected property path to end with a name or index");
    } else if (rest.startsWith('["')) {
      // Only a quote can be escaped.
      const quoted = /^\["((?:\\"|[^"])*)"/.exec(rest);
      if (!quoted) throw bad("missing closing quote in property name");
      if (rest[quoted[0].length] !== "]") throw bad("missing closing bracket in property access");
      path.push((quoted[1] ?? "").replaceAll('\\"', '"'));
      rest = rest.slice(quoted[0].length + 1);
    } else if (rest.startsWith("[")) {
      const end = rest.indexOf("]");
      if (end < 0) throw bad("missing closing bracket in array index");
      const index = rest.slice(1, end);
      if (index !== "*" && !/^[+-]?\d+$/.test(index)) throw bad(`invalid array index "${index}"`);
      path.push(index === "*" ? "*" : Number(index));
      rest = rest.slice(end + 1);
    } else {
      const name = /^[^.[]+/.exec(rest)?.[0] ?? "";
      path.push(name);
      rest = rest.slice(name.length);
    }
  }
  return path;
}

/** Parses a path; undefined if it is malformed. */
export function parsePath(text: string): Path | undefined {
  try {
    return readPath(text);
  } catch {
    return undefined;
  }
}

/** Keys that need no quotes. */
const bare = /^\w+$/;
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (bare.test(part)) text += text === "" ? part : `.${part}`;
    else text += `["${part.replaceAll('"', '\\"')}"]`;
  }
  return text;
}

/** Whether `other` is `path` itself or inside it. */
export const pathContains = (path: Path, other: Path): boolean =>
  other.length >= path.length && path.every((part, i) => part === "*" || part === other[i]);
