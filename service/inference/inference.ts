import { parseJson } from "../http/body.ts";
import { ProblemError } from "../http/problem.ts";
import type { ModelIdentity } from "../model-source.ts";
import { NonFiniteAnswerError, type OnnxClassifier } from "../predictor/predictor.ts";
import { inferAnswer, invocationsAnswer, predictAnswer } from "./answers.ts";
import { Batcher, type BatcherOptions, OverloadError, type Share } from "./batcher.ts";
import { readBodyRows } from "./forms.ts";
import { readInferRequest } from "./open-inference.ts";
import { scanRows } from "./row-scanner.ts";
import type { Rows } from "./rows.ts";

/** The three ways to ask for predictions. */
export type Route = "/predict" | "/invocations" | "/v2/infer";

export interface InferenceOptions extends BatcherOptions {
  readonly predictor: OnnxClassifier;
  readonly model: Pick<ModelIdentity, "name" | "version">;
  /** Rows a request. */
  readonly maxRows: number;
}

/** From the bytes of a request's body to the text of its answer; knows nothing of HTTP but the status of a problem. */
export class Inference {
  readonly #options: InferenceOptions;
  readonly #outputs: readonly string[];
  readonly batcher: Batcher;

  constructor(options: InferenceOptions) {
    this.#options = options;
    const { label, probabilities } = options.predictor.outputs;
    this.#outputs = probabilities === undefined ? [label] : [label, probabilities];
    this.batcher = new Batcher(options.predictor, options);
  }

  /**
   * Calls exactly one of resolve and reject, once, now or later; neither may throw. Rejects with ProblemError: 400, 413, 422 for the body, 503 when
   * more is waiting than is taken; and with what the model throws.
   */
  answer(route: Route, body: Buffer, resolve: (answer: string) => void, reject: (error: unknown) => void): void {
    let question: Question;
    try {
      question = this.#read(route, body);
    } catch (error) {
      reject(error);
      return;
    }
    const { rows, write } = question;
    this.batcher.predict(
      rows.features,
      rows.rows,
      (share) => resolve(write(share)),
      (error) => reject(problemOf(error, rows)),
    );
  }

  #read(route: Route, body: Buffer): Question {
    const { predictor, model, maxRows } = this.#options;
    const { signature, outputs: names } = predictor;
    if (route === "/v2/infer") {
      const { id, outputs, ...rows } = readInferRequest(parseJson(body), signature, maxRows, this.#outputs);
      const options = {
        names,
        model: model.name,
        version: model.version,
        ...(id !== undefined && { id }),
        ...(outputs && { outputs }),
      };
      return { rows, write: (share) => inferAnswer(share, options) };
    }
    const rows = scanRows(body, signature.features, maxRows) ?? readBodyRows(parseJson(body), signature, maxRows);
    return { rows, write: route === "/predict" ? predictAnswer : this.#invocationsAnswer };
  }

  readonly #invocationsAnswer = (share: Share) => invocationsAnswer(share, this.#options.predictor.outputs);
}

interface Question {
  readonly rows: Rows;
  readonly write: (share: Share) => string;
}

/** What the batcher's errors are to the caller. */
function problemOf(error: unknown, { pointerToRow }: Rows): unknown {
  if (error instanceof OverloadError)
    return new ProblemError(503, error.message, { headers: { "retry-after": "1" }, cause: error });
  if (!(error instanceof NonFiniteAnswerError)) return error;
  // Rows that the model itself overflows on are the caller's to change.
  const pointer = pointerToRow(error.row);
  return new ProblemError(422, `the model has no finite answer for row ${error.row}`, { pointer, cause: error });
}
