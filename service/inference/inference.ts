import { parseJson } from "../http/body.ts";
import { ProblemError } from "../http/problem.ts";
import type { ModelIdentity } from "../model-source.ts";
import { NonFiniteAnswerError, type OnnxClassifier } from "../predictor/predictor.ts";
import { inferAnswer, invocationsAnswer, predictAnswer } from "./answers.ts";
import { Batcher, type BatcherOptions, OverloadError } from "./batcher.ts";
import { readBodyRows } from "./forms.ts";
import { readInferRequest } from "./open-inference.ts";
import type { Rows } from "./rows.ts";

/** The three ways to ask for predictions. */
export type Route = "/predict" | "/invocations" | "/v2/infer";

export interface InferenceOptions extends BatcherOptions {
  readonly predictor: OnnxClassifier;
  readonly model: Pick<ModelIdentity, "name" | "version">;
  /** Rows a request. */
  readonly maxRows: number;
}

/** From the text of a request's body to the text of its answer; knows nothing of HTTP but the status of a problem. */
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

  /** Throws ProblemError: 400, 413, 422 for the body, 503 when more is waiting than is taken. */
  async answer(route: Route, text: string): Promise<string> {
    const { predictor, model, maxRows } = this.#options;
    const body = parseJson(text);
    if (route === "/v2/infer") {
      const request = readInferRequest(body, predictor.signature, maxRows, this.#outputs);
      const share = await this.#predict(request);
      const { id, outputs } = request;
      return inferAnswer(share, {
        names: predictor.outputs,
        model: model.name,
        version: model.version,
        ...(id !== undefined && { id }),
        ...(outputs && { outputs }),
      });
    }
    const share = await this.#predict(readBodyRows(body, predictor.signature, maxRows));
    return route === "/predict" ? predictAnswer(share) : invocationsAnswer(share, predictor.outputs);
  }

  async #predict({ features, rows }: Rows) {
    try {
      return await this.batcher.predict(features, rows);
    } catch (error) {
      if (error instanceof OverloadError)
        throw new ProblemError(503, error.message, { headers: { "retry-after": "1" }, cause: error });
      // Rows that the model itself overflows on are the caller's to change.
      if (!(error instanceof NonFiniteAnswerError)) throw error;
      const pointer = `/features/${error.row}`;
      throw new ProblemError(422, `the model has no finite answer for ${pointer}`, { pointer, cause: error });
    }
  }
}
