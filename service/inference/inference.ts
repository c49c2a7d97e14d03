import { isDense } from "../../data/number-array.ts";
import { denseTable } from "../../data/table.ts";
import { parseJson, textOf } from "../http/body.ts";
import { ProblemError } from "../http/problem.ts";
import type { ModelIdentity } from "../model-source.ts";
import { type OnnxModel, RowError } from "../predictor/predictor.ts";
import type { RequestContract } from "../watch/contract.ts";
import { inferAnswer, invocationsAnswer, predictAnswer } from "./answers.ts";
import { Batcher, type BatcherOptions, OverloadError, type Share } from "./batcher.ts";
import type { BodyFormat } from "./body-formats.ts";
import { scanRows } from "./row-scanner.ts";
import type { Reading, Rows } from "./rows.ts";
import type { TypedRowScanner } from "./typed-row-scanner.ts";

/** The three prediction routes. */
export type Route = "/predict" | "/invocations" | "/v2/infer";

export interface InferenceOptions extends BatcherOptions {
  readonly predictor: OnnxModel;
  readonly model: Pick<ModelIdentity, "name" | "version">;
  /** Per request. */
  readonly maxRows: number;
  /** Validates rows before the model runs; undefined without a data contract. */
  readonly contract?: RequestContract | undefined;
}

/** Converts a request body to a response body. The only part of HTTP that it knows is a problem's status. */
export class Inference {
  readonly #options: InferenceOptions;
  readonly #outputs: readonly string[];
  readonly #isScanned: boolean;
  readonly #takesMissing: boolean;
  readonly #reading: Reading;
  /** For models with other columns than float32; created on first use. */
  #scanner: TypedRowScanner | undefined;
  #readers: Readers | undefined;
  readonly batcher: Batcher;

  constructor(options: InferenceOptions) {
    this.#options = options;
    const { inputs } = options.predictor.signature;
    this.#takesMissing = inputs.some(({ nullable }) => nullable);
    this.#isScanned = isDense(inputs) && inputs[0]?.type === "float32";
    this.#reading = { signature: options.predictor.signature, maxRows: options.maxRows };
    this.#outputs = options.predictor.outputs.map(({ name }) => name);
    this.batcher = new Batcher(options.predictor, options);
  }

  /**
   * Calls exactly one of resolve and reject, once, now or later; neither may throw. Rejects with ProblemError (400, 413 or 422 for the body, 503 if the
   * service is overloaded), or with the model's error.
   */
  answer(
    route: Route,
    body: Buffer,
    resolve: (answer: string) => void,
    reject: (error: unknown) => void,
    { isProbe = false, format }: AnswerOptions = {},
  ): void {
    if (format) {
      this.#readAs(format, body)
        .then((rows) => this.#predict({ rows, write: this.#invocationsAnswer }, resolve, reject, isProbe))
        .catch(reject);
      return;
    }
    const scanned = route === "/v2/infer" ? undefined : this.#scan(body);
    if (scanned) {
      const write = route === "/predict" ? this.#predictAnswer : this.#invocationsAnswer;
      this.#predict({ rows: scanned, write }, resolve, reject, isProbe);
      return;
    }
    const read = (readers: Readers) => {
      let request: ReadRequest;
      try {
        request = this.#read(readers, route, body);
      } catch (error) {
        reject(readers.withOriginalDigits(error, body));
        return;
      }
      this.#predict(request, resolve, reject, isProbe);
    };
    if (this.#readers) read(this.#readers);
    else this.#load().then(read, reject);
  }

  #predict(
    { rows, write }: ReadRequest,
    resolve: (answer: string) => void,
    reject: (error: unknown) => void,
    isProbe: boolean,
  ): void {
    const { contract } = this.#options;
    const violation = contract?.check(rows.table, !isProbe);
    if (violation && contract?.rejects) {
      reject(new ProblemError(422, violation.message, { pointer: rows.pointerToRow(violation.row) }));
      return;
    }
    this.batcher.predict(
      rows.table,
      (share) => {
        let answer: string;
        try {
          answer = write(share);
        } catch (error) {
          reject(problemOf(error, rows));
          return;
        }
        resolve(answer);
      },
      (error) => reject(problemOf(error, rows)),
      isProbe,
    );
  }

  async #load(): Promise<Readers> {
    const readers = await import("./readers.ts");
    const { inputs } = this.#reading.signature;
    if (!this.#isScanned && readers.isScannable(inputs)) this.#scanner ??= new readers.TypedRowScanner(inputs);
    this.#readers = readers;
    return readers;
  }

  async #readAs({ load }: BodyFormat, body: Buffer): Promise<Rows> {
    const readRows = await load();
    return readRows(textOf(body), this.#reading);
  }

  #read({ readInferRequest, readBodyRows }: Readers, route: Route, body: Buffer): ReadRequest {
    const { predictor, model } = this.#options;
    const { outputs } = predictor;
    if (route === "/v2/infer") {
      const {
        id,
        outputs: wanted,
        ...rows
      } = readInferRequest(parseJson(body, this.#takesMissing), this.#reading, this.#outputs);
      const options = {
        outputs,
        model: model.name,
        version: model.version,
        ...(id !== undefined && { id }),
        ...(wanted && { wanted }),
      };
      return { rows, write: (share) => inferAnswer(share, options) };
    }
    const rows = readBodyRows(parseJson(body, this.#takesMissing), this.#reading);
    return { rows, write: route === "/predict" ? this.#predictAnswer : this.#invocationsAnswer };
  }

  /** Reads the rows directly from the body's bytes, for models whose fields are scalars. Undefined if the parsers must read them. */
  #scan(body: Buffer): Rows | undefined {
    const { predictor, maxRows } = this.#options;
    if (!this.#isScanned) return this.#scanner?.scan(body, maxRows);
    const fields = predictor.signature.inputs;
    const scanned = scanRows(body, fields.length, maxRows);
    return scanned && { table: denseTable(fields, scanned.features, scanned.rows), pointerToRow: scanned.pointerToRow };
  }

  readonly #predictAnswer = (share: Share) => predictAnswer(share, this.#options.predictor.classAnswers);
  readonly #invocationsAnswer = (share: Share) => invocationsAnswer(share, this.#options.predictor.outputs);
}

export interface AnswerOptions {
  /** Whether the rows come from a probe, which is not reported. */
  readonly isProbe?: boolean;
  /** The body's format; default: JSON. */
  readonly format?: BodyFormat | undefined;
}

type Readers = typeof import("./readers.ts");

interface ReadRequest {
  readonly rows: Rows;
  readonly write: (share: Share) => string;
}

/** Maps errors of the batcher and the model to problems. */
function problemOf(error: unknown, { pointerToRow }: Rows): unknown {
  if (error instanceof OverloadError)
    return new ProblemError(503, error.message, { headers: { "retry-after": "1" }, cause: error });
  if (!(error instanceof RowError)) return error;
  // The caller can fix these rows.
  return new ProblemError(422, error.message, { pointer: pointerToRow(error.row), cause: error });
}
