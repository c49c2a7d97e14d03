import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import ts from "typescript";
import { expect, test } from "vitest";
import { hostileTexts } from "./helpers/hostile-texts.ts";

/** Rooms whose code sees what callers, registries, models, trainers and snapshots say. */
const ROOMS = ["service", "registry", "training", "dynamic", "deploy", "infra"];
/** Characters. Headers are 16 KiB at most, bodies and answers of a registry are longer. */
const LENGTH = 30_000;
const ALLOWED_MS = 150;

/** Every regular expression of a source file, as its scanner sees it, and those of `new RegExp` that are one text. */
function patternsOf(file: string): { pattern: RegExp; where: string }[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: { pattern: RegExp; where: string }[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, pattern = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ pattern: new RegExp(pattern, flags.replace(/g/g, "")), where: `${file}:${line}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The slowest search, milliseconds; Infinity when it was stopped. */
function slowest(pattern: RegExp): { ms: number; text: string } {
  const context = createContext({ pattern, text: "" });
  // replace() and split() look from every place on, as this does.
  const search = new Script("pattern.test(text)");
  let worst = { ms: 0, text: "" };
  for (const text of hostileTexts(pattern, LENGTH)) {
    context.text = text;
    const start = performance.now();
    let ms: number;
    try {
      search.runInContext(context, { timeout: 2 * ALLOWED_MS });
      ms = performance.now() - start;
    } catch {
      ms = Number.POSITIVE_INFINITY;
    }
    if (ms > worst.ms) worst = { ms, text: `${text.slice(0, 40)}… (${text.length} characters)` };
    if (ms > ALLOWED_MS) break;
  }
  return worst;
}

const again = <Found extends { ms: number }>(first: Found, retry: () => Found) =>
  first.ms > ALLOWED_MS ? retry() : first;

const files = ROOMS.flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(room, path)),
);
const patterns = files.flatMap(patternsOf);

test("the measure finds what it looks for: patterns that are quadratic, cubic, exponential", () => {
  for (const known of [/\s+$/, /^\d+\.?\d*$/, /^(a+)+$/, /^mlflow-artifacts:\/+(.*)$/, /"(\\.|[^"])*"\d+\d+$/])
    expect({ known, ms: slowest(known).ms }).toMatchObject({ ms: expect.toSatisfy((ms: number) => ms > ALLOWED_MS) });
  for (const good of [/^\d+$/, /^[a-z]+(-[a-z]+)*$/]) expect(slowest(good).ms).toBeLessThan(ALLOWED_MS);
});

test("ReDoS: no regular expression of the code takes long over a hostile text", () => {
  expect(patterns.length).toBeGreaterThan(50);
  const slow = patterns.flatMap(({ pattern, where }) => {
    // Twice: a pause of the machine is no attack.
    const { ms, text } = again(slowest(pattern), () => slowest(pattern));
    return ms > ALLOWED_MS ? [`${where} ${pattern} took ${ms.toFixed(0)} ms over ${JSON.stringify(text)}`] : [];
  });
  expect(slow).toEqual([]);
});
