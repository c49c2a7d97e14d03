import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, Script } from "node:vm";
import ts from "typescript";
import { expect, test } from "vitest";
import { hostileTexts } from "./helpers/hostile-texts.ts";

/** All rooms whose code runs at a user's. */
const ROOMS = [
  "service",
  "registry",
  "training",
  "dynamic",
  "deploy",
  "infra",
  "packages/engine",
  "policy",
  "quickstart",
];
/** Those built while the program runs, and what each looks like at its worst. */
const BUILT: Readonly<Record<string, RegExp>> = {
  // Secrets, escaped, longest first.
  "packages/engine/secrets/mask.ts": /aaaaaaaaab|aaaaaaaaa|aaaaaaaa/,
  // The user's own --target: they can make it slow for themselves only.
  "packages/engine/steps/urn-targets.ts": /^urn:pulumi:.*::name$/s,
  "infra/deployment-check/look-inside.cjs": /^CapEff:\s*(\S+)/m,
  "registry/attestation/statement.ts": /^[0-9a-f]{64}$/,
};
/** Characters. Headers are 16 KiB at most, bodies and answers of a registry are longer. */
const LENGTH = 30_000;
const ALLOWED_MS = 150;

const isRegExp = (node: ts.Node): node is ts.NewExpression | ts.CallExpression =>
  (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp";

/** Every regular expression of a source file: literals, `RegExp` of a text, and the stand-in of one that is built. */
function patternsOf(file: string): { pattern: RegExp; where: string }[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: { pattern: RegExp; where: string }[] = [];
  const visit = (node: ts.Node) => {
    const where = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) {
      const [, pattern = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
      found.push({ pattern: new RegExp(pattern, flags.replace(/g/g, "")), where });
    } else if (isRegExp(node)) {
      const [text] = node.arguments ?? [];
      const pattern = text && ts.isStringLiteralLike(text) ? new RegExp(text.text) : BUILT[file];
      if (!pattern)
        throw new Error(`${where} builds a regular expression: say in BUILT what it looks like at its worst`);
      found.push({ pattern, where });
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
    .filter((path) => /\.[cm]?[jt]s$/.test(path) && !/node_modules|^tests\//.test(path))
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
    // Twice, because a pause of the machine is not an attack.
    const { ms, text } = again(slowest(pattern), () => slowest(pattern));
    return ms > ALLOWED_MS ? [`${where} ${pattern} took ${ms.toFixed(0)} ms over ${JSON.stringify(text)}`] : [];
  });
  expect(slow).toEqual([]);
});
