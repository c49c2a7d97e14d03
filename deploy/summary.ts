/** GitHub rejects longer comments (65,536 characters). */
const MOST = 60_000;

/** Marks a stack's comment on a pull request, so that its next preview replaces it. */
export const markOf = (stack: string): string => `<!-- model-promotion preview of ${stack} -->`;

export interface Told {
  readonly command: "preview" | "up";
  readonly stack: string;
  readonly exitCode: number;
  readonly output: string;
}

/** Summarizes a Pulumi run as Markdown: the result, messages of the gate and the guard, then the whole output, collapsed. */
export function summaryOf({ command, stack, exitCode, output }: Told): string {
  const verdict = exitCode === 0 ? "passed" : `failed with exit code ${exitCode}`;
  const said = highlights(output);
  const whole = output.length > MOST ? `…${output.slice(-MOST)}` : output;
  return [
    `### pulumi ${command} of ${stack} ${verdict}`,
    "",
    ...(said.length > 0 ? [...said.map((line) => `- ${asCode(line)}`), ""] : []),
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
/** Picks the messages of the gate, the guard and the deployment check, and the outputs that name what is served. */
const TELLING =
  /quality gate (passed|failed|inconclusive)|promotion of .* refused|is not what was approved|^- |^\[\d+\]: "|^[+~]? *(accuracy|version|url|modelSha256) *:/;

function highlights(output: string): string[] {
  const lines = output.split("\n").map((line) => line.trim().replace(/^[+~] (?=\[|\w)/, ""));
  // Pulumi prints an error when it occurs and again at the end.
  return [...new Set(lines.filter((line) => TELLING.test(line)).map((line) => line.replace(/^- /, "")))].slice(0, 40);
}
