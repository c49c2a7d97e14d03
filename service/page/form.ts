import { type Field, sizeOf } from "../../data/field.ts";
import { isFloatType, rangeOf } from "../../data/number-array.ts";
import type { ClassAnswers } from "../predictor/predictor.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { breakable, escapeHtml } from "./html.ts";
import type { NumberRange } from "./number-range.ts";

export interface FormProps {
  readonly signature: Signature;
  readonly needsToken: boolean;
  readonly classAnswers: ClassAnswers | undefined;
  /** Initial values of the form. */
  readonly example: readonly unknown[];
  /** Known values of string columns, by name. */
  readonly categories: ReadonlyMap<string, readonly string[]>;
  /** Typical ranges of number columns, by name. */
  readonly ranges: ReadonlyMap<string, NumberRange>;
}

/** Maximum number of fields in the form. Longer rows are sent as JSON. */
const MAX_FIELDS = 60;
/** A form with more fields than MANY shows only the first FEW, so that its button is on the first screen. */
const [MANY, FEW] = [16, 8];
/** Maximum number of values of a tensor that the form shows. The script fills larger ones with zeros. */
const MAX_TENSOR_VALUES = 256;

/** Renders one control per column, the area for the response, and the request as JSON. */
export function form(props: FormProps): string {
  const { signature, classAnswers, needsToken } = props;
  const { inputs } = signature;
  const example = props.example.map(readable);
  const names = columnNames(signature) ?? inputs.map((_, index) => `feature ${index}`);
  const isForm = inputs.length <= MAX_FIELDS;
  const fields = inputs.map((field, index) => control({ ...props, example }, field, names[index] as string, index));
  // For a model with one multi-dimensional tensor, the row is that tensor.
  const isTensor = inputs.length === 1 && inputs[0]?.shape !== undefined;
  const isShown = inputs.every(({ shape = [] }) => sizeOf(shape) <= MAX_TENSOR_VALUES);
  const json = isShown || !isForm ? escapeHtml(JSON.stringify({ features: [isTensor ? example[0] : example] })) : "";
  const body = `<label for="body">As JSON (rows of ${inputs.length} ${inputs.length === 1 ? "feature" : "features"})</label><textarea id="body" rows="3" spellcheck="false">${json}</textarea>
<p class="actions"><button type="button" class="copy" id="curl">Copy as curl</button></p>`;
  const token = needsToken
    ? `<div class="field token"><label for="token">API token</label><input type="password" id="token" autocomplete="off"></div>`
    : "";
  return `<form id="form"${isTensor ? " data-tensor" : ""} novalidate>
<noscript><p class="problem">Sending requests from this page needs JavaScript. The <a href="docs">API page</a> has commands for a terminal.</p></noscript>
${isForm ? fieldset(fields) : body}
${token}<p class="actions"><button id="predict" class="primary">Send Predict</button><button type="button" id="random">Another example</button></p>
<div id="answer" role="status" aria-label="Answer" data-role="${classAnswers ? "label" : "values"}" data-classes="${escapeHtml(JSON.stringify(classAnswers?.classes ?? []))}"></div>
${isForm ? `<details id="request"><summary>Request as JSON</summary>${body}</details>` : ""}
</form>`;
}

function fieldset(fields: readonly string[]): string {
  const grid = (some: readonly string[]) => `<div class="fields">${some.join("")}</div>`;
  if (fields.length <= MANY) return grid(fields);
  return `${grid(fields.slice(0, FEW))}<details class="more"><summary>The other ${fields.length - FEW} features</summary>${grid(fields.slice(FEW))}</details>`;
}

/** Rounds a number to a readable precision. */
const readable = (value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value)
    ? Number(Math.abs(value) >= 1000 ? value.toFixed(2) : value.toPrecision(5))
    : value;

/** Renders a labelled control for a field. The script reads its value by `data-type`. */
function control({ example, categories, ranges }: FormProps, field: Field, name: string, index: number): string {
  const { type, nullable, shape } = field;
  const value = example[index];
  const text = escapeHtml(value ?? "");
  const id = `field-${index}`;
  const mark = (kind: string) =>
    `id="${id}" data-feature="${index}" data-type="${kind}"${nullable ? " data-nullable" : ""}`;
  const labelled = (html: string, { unit = "", kind = "" } = {}) =>
    `<div class="field${kind}"><label for="${id}">${breakable(name)}${unit}</label>${html}</div>`;
  if (shape)
    return labelled(tensorControl(field, mark("tensor"), value), {
      unit: ` (${shape.join(" × ")}, as JSON)`,
      kind: " wide",
    });
  const known = categories.get(name);
  if (type === "string" && known && known.length > 0)
    return labelled(choice(field, name, mark("string"), `${id}-other`, known, value));
  if (type === "string") return labelled(`<input type="text" ${mark("string")} value="${text}">`);
  if (type === "boolean" && !nullable)
    return `<div class="field"><label class="check"><input type="checkbox" ${mark("boolean")}${value === true ? " checked" : ""}> <span>${breakable(name)}</span></label></div>`;
  if (type === "boolean")
    return labelled(`<select ${mark("boolean")}>${options(["true", "false"], value, nullable)}</select>`);
  if (type === "datetime") {
    const time = escapeHtml(String(value ?? "").slice(0, 19));
    return labelled(`<input type="datetime-local" step="1" ${mark("datetime")} value="${time}">`, {
      unit: " (UTC)",
      kind: " date",
    });
  }
  const range = rangeOf(type);
  const bounds = range && !type.endsWith("64") ? ` min="${range[0]}" max="${range[1]}"` : "";
  const usual = ranges.get(name);
  const usually = usual ? ` data-low="${usual.low}" data-high="${usual.high}"` : "";
  return labelled(
    `<input type="number" step="${isFloatType(type) ? "any" : 1}"${bounds}${usually} ${mark("number")} value="${text}">`,
  );
}

/** Renders a list of known values, and a field for any other value. @param other id of that field */
function choice(
  { nullable }: Field,
  name: string,
  mark: string,
  other: string,
  known: readonly string[],
  value: unknown,
): string {
  const isOther = typeof value === "string" && value !== "" && !known.includes(value);
  const first = value === "" ? known[0] : value;
  return `<select ${mark} data-other="${other}">${options(known, first, nullable)}<option value="" data-kind="other"${isOther ? " selected" : ""}>other…</option></select>
<label${isOther ? "" : " hidden"}>other ${breakable(name)}<input type="text" id="${other}" value="${isOther ? escapeHtml(value) : ""}"></label>`;
}

const options = (values: readonly string[], chosen: unknown, nullable: boolean): string =>
  [
    nullable ? `<option value="" data-kind="missing"${chosen === null ? " selected" : ""}>missing</option>` : "",
    ...values.map((value) => {
      const text = escapeHtml(value);
      return `<option value="${text}"${String(chosen) === value ? " selected" : ""}>${text}</option>`;
    }),
  ].join("");

function tensorControl({ shape = [], type }: Field, mark: string, value: unknown): string {
  const isShown = sizeOf(shape) <= MAX_TENSOR_VALUES;
  return `<textarea rows="4" spellcheck="false" ${mark} data-shape="${shape.join()}" data-of="${type === "string" || type === "boolean" ? type : "number"}"${
    isShown ? "" : ' placeholder="leave empty for zeros"'
  }>${isShown ? escapeHtml(JSON.stringify(value)) : ""}</textarea>`;
}
