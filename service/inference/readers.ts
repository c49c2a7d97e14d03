// Readers of all requests other than lists of float32 rows: loaded with the first such request, to keep startup fast.
export { readCsvRows } from "./csv-rows.ts";
export { readBodyRows } from "./forms.ts";
export { readInferRequest } from "./open-inference.ts";
export { withOwnDigits } from "./own-digits.ts";
export { isScannable, TypedRowScanner } from "./typed-row-scanner.ts";
