/** Builds the request's JSON from the form's controls. */
export const FORM = String.raw`
const fields = [...document.querySelectorAll("[data-feature]")];
const body = byId("body");
const kindOf = (field) => field.selectedOptions?.[0]?.dataset.kind;
// Creates a tensor filled with one value.
const filled = (shape, value) => shape.reduceRight((item, size) => new Array(size).fill(item), value);
const tensorOf = (field) => {
  if (field.value.trim() !== "") return JSON.parse(field.value);
  return filled(field.dataset.shape.split(",").map(Number), { string: "", boolean: false, number: 0 }[field.dataset.of]);
};
// Returns why a field has no value; undefined if it has one.
const lackOf = (field) => {
  const { dataset: { type, nullable }, validity, value } = field;
  if (type === "tensor") {
    try { tensorOf(field); } catch { return "Enter valid JSON."; }
  }
  if (type === "datetime" && (validity.badInput || (value === "" && nullable === undefined))) return "Enter a date and time.";
  if (type !== "number") return;
  if (validity.badInput || (value === "" && nullable === undefined)) return "Enter a number.";
  if (validity.stepMismatch && /\.\d*[1-9]/.test(value)) return "Enter a whole number.";
  if (validity.rangeUnderflow || validity.rangeOverflow) return "Enter a number from " + field.min + " to " + field.max + ".";
};
// Reads a field's value by its type. An empty nullable field is null.
const valueOf = (field) => {
  const { value, checked, dataset } = field;
  if (dataset.type === "tensor") return tensorOf(field);
  if (kindOf(field) === "missing") return null;
  if (kindOf(field) === "other") return byId(dataset.other).value;
  if (dataset.type === "boolean") return field.type === "checkbox" ? checked : value === "true";
  if (value === "" && dataset.nullable !== undefined) return null;
  if (dataset.type === "string") return value;
  if (dataset.type === "datetime") return value + "Z";
  // Integers beyond 2^53 are exact only as strings.
  return Number.isInteger(Number(value)) && !Number.isSafeInteger(Number(value)) && /^-?\d+$/.test(value) ? value : Number(value);
};
// Shows a problem between a field and its label, or removes it.
const setProblem = (field, text) => {
  byId(field.id + "-problem")?.remove();
  field.toggleAttribute("aria-invalid", text !== undefined);
  if (text === undefined) return field.removeAttribute("aria-describedby");
  const problem = element("p", text, "problem");
  problem.id = field.id + "-problem";
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", problem.id);
  (field.closest("label") ?? field).before(problem);
};
// Whether the request was written by hand, and not from the fields.
let isEdited = false;
const clearProblems = () => fields.forEach((field) => setProblem(field));
body.addEventListener("input", () => { isEdited = true; clearProblems(); });
// Marks all fields without a value, and moves to the first.
const isComplete = () => {
  const lacking = fields.filter((field) => {
    const lack = lackOf(field);
    setProblem(field, lack);
    return lack !== undefined;
  });
  const [first] = lacking;
  if (!first) return true;
  const folded = first.closest("details");
  if (folded) folded.open = true;
  first.focus();
  return false;
};
// Keeps the previous request while a value is incomplete.
const fromFields = () => {
  isEdited = false;
  if (fields.some((field) => lackOf(field) !== undefined)) return;
  const values = fields.map(valueOf);
  body.value = JSON.stringify({ features: ["tensor" in byId("form").dataset ? values[0] : values] });
};
for (const field of fields) {
  field.addEventListener("input", () => {
    const other = byId(field.dataset.other);
    if (other) other.closest("label").hidden = kindOf(field) !== "other";
    setProblem(field);
    fromFields();
  });
  field.addEventListener("change", () => setProblem(field, lackOf(field)));
  byId(field.dataset.other)?.addEventListener("input", fromFields);
}
if (fields.length) fromFields();
const between = (low, high) => low + Math.random() * (high - low);
const anyNumber = (field) => {
  const [low, high] = field.dataset.low === undefined ? [-2, 2] : [Number(field.dataset.low), Number(field.dataset.high)];
  if (field.step === "any") return Number(between(low, high).toPrecision(3));
  return field.dataset.low === undefined ? Math.floor(Math.random() * Math.min(100, Number(field.max) || 100)) : Math.round(between(low, high));
};
// Randomizes numbers at any depth.
const others = (value) => Array.isArray(value) ? value.map(others) : typeof value === "number" ? Math.round(between(-2, 2) * 100) / 100 : value;
byId("random").addEventListener("click", () => {
  for (const field of fields) {
    const choices = [...(field.options ?? [])].filter((option) => !option.dataset.kind);
    if (choices.length) {
      choices[Math.floor(Math.random() * choices.length)].selected = true;
      field.dispatchEvent(new Event("input"));
    } else if (field.dataset.type === "tensor") {
      try { field.value = JSON.stringify(others(tensorOf(field))); } catch { /* Keeps the user's input. */ }
    } else if (field.dataset.type === "boolean") field.checked = Math.random() < 0.5;
    else if (field.dataset.type === "datetime") field.value = new Date(Date.now() - Math.random() * 1e11).toISOString().slice(0, 19);
    else if (field.dataset.type === "number") field.value = anyNumber(field);
  }
  clearProblems();
  if (fields.length) return fromFields();
  body.value = JSON.stringify({ features: others(JSON.parse(body.defaultValue).features) });
});
byId("curl").addEventListener("click", (event) => copy(event.target, [
  "curl -s " + quoted(service + "predict"), "-H 'content-type: application/json'",
  ...(byId("token") ? ['-H "authorization: Bearer $API_TOKEN"'] : []), "-d " + quoted(body.value),
].join(" ")));
`;
