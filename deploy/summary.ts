/** GitHub rejects longer comments (65,536 characters). */
const MOST = 60_000;

/** Marker of a stack's comment on a pull request, by which its next preview finds and replaces it. */
export const markOf = (stack: string): string => `<!-- model-promotion preview of ${stack} -->`;

/** A finished Pulumi command. */
export interface FinishedCommand {
  readonly command: "preview" | "up";
  readonly stack: string;
  readonly exitCode: number;
  readonly output: string;
}

/** Summarizes a Pulumi command as Markdown: the result, messages of the gate and the guard, then the full output, collapsed. */
export function summaryOf({ command, stack, exitCode, output }: FinishedCommand): string {
  const verdict = exitCode === 0 ? "passed" : `failed with exit code ${exitCode}`;
  const messages = highlights(output);
  const whole = output.length > MOST ? `…${output.slice(-MOST)}` : output;
  return [
    `### pulumi ${command} of ${stack} ${verdict}`,
    "",
    ...(messages.length > 0 ? [...messages.map((line) => `- ${asCode(line)}`), ""] : []),
    "<details><summary>Output of Pulumi</summary>",
    "",
    FENCE,
    whole.replaceAll(FENCE, "'''").trim(),
    FENCE,
    "",
    "</details>",
    "",
  ].join("\n");
}

const FENCE = "```";
/** Escapes Pulumi's output. Trainers and registry writers influence it, so none of it may become a link, an image or a mention. */
const asCode = (line: string) => `\`${line.replaceAll("`", "'")}\``;
/** Matches errors, messages of the gate, the guard and the deployment check, and outputs that name what is served. */
const HIGHLIGHT =
  /^error: (?!(update|preview) failed$)|quality gate (passed|failed|inconclusive)|promotion of .* refused|is not what was approved|^- |^\[\d+\]: "|^[+~]? *(accuracy|version|url|modelSha256) *:/;
/** What Pulumi writes before an error that its status line of a resource repeats. */
const STATUS = /^.*?(?=error: (quality gate|promotion of) )/;

function highlights(output: string): string[] {
  const lines = withoutRemovedOutputs(output.split("\n")).map((line) =>
    line
      .trim()
      .replace(/^[+~] (?=\[|\w)/, "")
      .replace(STATUS, ""),
  );
  // Pulumi prints an error when it occurs and again at the end.
  return [...new Set(lines.filter((line) => HIGHLIGHT.test(line)).map((line) => line.replace(/^- /, "")))].slice(0, 40);
}

/** Omits outputs that Pulumi lists as removed. A failed update does not reach them, and the stack keeps them. */
function withoutRemovedOutputs(lines: readonly string[]): string[] {
  const start = lines.findLastIndex((line) => line.trim() === "Outputs:");
  const length = start === -1 ? 0 : lines.slice(start).findIndex((line) => line.trim() === "");
  const end = length === -1 ? lines.length : start + length;
  return lines.filter((line, index) => index <= start || index >= end || !/^ +- /.test(line));
}
