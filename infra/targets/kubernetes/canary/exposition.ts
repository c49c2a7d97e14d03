/** One line of an exposition: a number by name and labels. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?$/;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const ESCAPED: Readonly<Record<string, string>> = { "\\n": "\n", '\\"': '"', "\\\\": "\\" };
/** Case-insensitive, like Go's ParseFloat: prom-client writes `Nan`. */
const NUMBERS: Readonly<Record<string, number>> = {
  inf: Infinity,
  "+inf": Infinity,
  "-inf": -Infinity,
  nan: Number.NaN,
};

/**
 * Parses the Prometheus text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
 * Comments, types and timestamps are ignored.
 * @throws Error that shows the invalid line
 */
export function parseExposition(text: string): Sample[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseLine);
}

function parseLine(line: string): Sample {
  const [, name, labels = "", number = ""] = LINE.exec(line) ?? [];
  const value = NUMBERS[number.toLowerCase()] ?? Number(number);
  if (!name || (Number.isNaN(value) && number.toLowerCase() !== "nan")) throw notTheFormat(line);
  return { name, labels: parseLabels(labels, line), value };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let end = 0; text.slice(end).trim() !== ""; end = LABEL.lastIndex) {
    LABEL.lastIndex = end;
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw notTheFormat(line);
    labels[name] = value.replace(/\\[n"\\]/g, (pair) => ESCAPED[pair] ?? pair);
  }
  return labels;
}

const notTheFormat = (line: string) => new Error(`not a line of the Prometheus text format: ${line.slice(0, 200)}`);
