import { readFileSync } from "node:fs";
import ts from "typescript";

/** Returns the messages of the Errors that a TypeScript file creates, with `…` for each value in them. */
export function errorTexts(path: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) {
      const [text] = node.arguments ?? [];
      if (text) found.push(textOf(text));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true));
  return found;
}

function textOf(node: ts.Expression): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
  if (ts.isBinaryExpression(node)) return textOf(node.left) + textOf(node.right);
  return "…";
}
