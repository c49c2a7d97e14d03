import { type Field, sizeOf } from "../../data/field.ts";
import { isFloatType, rangeOf } from "../../data/number-array.ts";
import type { ClassAnswers } from "../predictor/predictor.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { escapeHtml } from "./html.ts";
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
    ? `<p><label>API token<input type="password" id="token" autocomplete="off"></label></p>`
    : "";
  return `<form id="form"${isTensor ? " data-tensor" : ""} novalidate>
${isForm ? `<div class="fields">${fields.join("")}</div><p class="problem" id="form-problem" role="alert" hidden></p>` : body}
${token}<p class="actions"><button id="predict" class="primary">Send Predict</button><button type="button" id="random">Another example</button></p>
<div id="answer" role="status" aria-label="Answer" data-role="${classAnswers ? "label" : "values"}" data-classes="${escapeHtml(JSON.stringify(classAnswers?.classes ?? []))}"></div>
${isForm ? `<details id="request"><summary>Request as JSON</summary>${body}</details>` : ""}
</form>`;
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
  const mark = (kind: string) => `data-feature="${index}" data-type="${kind}"${nullable ? " data-nullable" : ""}`;
  if (shape) return tensorControl(field, name, mark("tensor"), value);
  const known = categories.get(name);
  if (type === "string" && known && known.length > 0) return choice(field, name, mark("string"), known, value);
  if (type === "boolean" && !nullable)
    return `<label class="check"><input type="checkbox" ${mark("boolean")}${value === true ? " checked" : ""}> ${escapeHtml(name)}</label>`;
  if (type === "boolean")
    return `<div><label for="of-${index}">${escapeHtml(name)}</label><select id="of-${index}" ${mark("boolean")}>${options(["true", "false"], value, nullable)}</select></div>`;
  return `<label>${escapeHtml(name)}${input()}</label>`;

  function input(): string {
    if (type === "string") return `<input type="text" ${mark("string")} value="${text}">`;
    if (type === "datetime")
      return `<input type="datetime-local" step="1" ${mark("datetime")} value="${escapeHtml(String(value ?? "").slice(0, 19))}">`;
    const range = rangeOf(type);
    const bounds = range && !type.endsWith("64") ? ` min="${range[0]}" max="${range[1]}"` : "";
    const usual = ranges.get(name);
    const usually = usual ? ` data-low="${usual.low}" data-high="${usual.high}"` : "";
    return `<input type="number" step="${isFloatType(type) ? "any" : 1}"${bounds}${usually} ${mark("number")} value="${text}">`;
  }
}

/** Renders a list of known values, and a field for any other value. */
function choice({ nullable }: Field, name: string, mark: string, known: readonly string[], value: unknown): string {
  const isOther = typeof value === "string" && value !== "" && !known.includes(value);
  const first = value === "" ? known[0] : value;
  const id = `other-${mark.replace(/\D/g, "")}`;
  const select = `<select id="of-${id}" ${mark} data-other="${id}">${options(known, first, nullable)}<option value="" data-kind="other"${isOther ? " selected" : ""}>other…</option></select>`;
  return `<div><label for="of-${id}">${escapeHtml(name)}</label>${select}
<label${isOther ? "" : " hidden"}>other ${escapeHtml(name)}<input type="text" id="${id}" value="${isOther ? escapeHtml(value) : ""}"></label></div>`;
}

const options = (values: readonly string[], chosen: unknown, nullable: boolean): string =>
  [
    nullable ? `<option value="" data-kind="missing"${chosen === null ? " selected" : ""}>missing</option>` : "",
    ...values.map((value) => {
      const text = escapeHtml(value);
      return `<option value="${text}"${String(chosen) === value ? " selected" : ""}>${text}</option>`;
    }),
  ].join("");

function tensorControl({ shape = [], type }: Field, name: string, mark: string, value: unknown): string {
  const isShown = sizeOf(shape) <= MAX_TENSOR_VALUES;
  const what = `${escapeHtml(name)} (${shape.join(" × ")}, as JSON)`;
  return `<label class="wide">${what}<textarea rows="4" spellcheck="false" ${mark} data-shape="${shape.join()}" data-of="${type === "string" || type === "boolean" ? type : "number"}"${
    isShown ? "" : ' placeholder="leave empty for zeros"'
  }>${isShown ? escapeHtml(JSON.stringify(value)) : ""}</textarea></label>`;
}
