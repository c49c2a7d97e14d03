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
/** Matches errors, messages of the gate, the guard and the deployment check, and violations of the policy pack. */
const MESSAGE =
  /^error: (?!(update|preview) failed$)|quality gate (passed|failed|inconclusive)|promotion of .* refused|is not what was approved|^- \[(mandatory|advisory)\]/;
/** Matches outputs that name what is served. */
const OUTPUT = /^\[\d+\]: "|^(accuracy|version|url|modelSha256) *:/;
/** What Pulumi writes before an error that its status line of a resource repeats. */
const STATUS = /^.*?(?=error: (quality gate|promotion of) )/;

function highlights(output: string): string[] {
  const lines = output.split("\n").map((line) => line.trim());
  const outputs = sectionOf(lines, "Outputs:").map((line) => line.replace(/^[+~] *(?=\[|\w)/, ""));
  const changes = sectionOf(lines, "Resources:").join("; ");
  // Pulumi prints an error when it occurs and again at the end.
  const all = [...messages(lines), ...outputs.filter((line) => OUTPUT.test(line)), ...(changes ? [changes] : [])];
  return [...new Set(all)].slice(0, 40);
}

/** Returns messages, each followed by its list of reasons. A dash elsewhere marks what Pulumi removes. */
function messages(lines: readonly string[]): string[] {
  const found: string[] = [];
  let isList = false;
  for (const line of lines) {
    const isMessage = MESSAGE.test(line);
    if (isMessage || (isList && line.startsWith("- "))) found.push(line.replace(STATUS, "").replace(/^- /, ""));
    isList = (isMessage && line.endsWith(":")) || (isList && line.startsWith("- "));
  }
  return found;
}

/** Returns the lines between the last such heading and the next empty line. */
function sectionOf(lines: readonly string[], heading: string): string[] {
  const start = lines.lastIndexOf(heading);
  if (start === -1) return [];
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end === -1 ? undefined : end);
}
