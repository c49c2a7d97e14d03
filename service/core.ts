import type { HealthAnswer, ReadyAnswer } from "./contract.ts";
import { Access, type AccessRules, OPEN_ACCESS } from "./http/access.ts";
import { Endpoint } from "./http/endpoint.ts";
import { ProblemError, problemReply } from "./http/problem.ts";
import { jsonReply, type Reply } from "./http/reply.ts";
import { Inference, type Route } from "./inference/inference.ts";
import { modelMetadata } from "./inference/open-inference-model.ts";
import type { ModelIdentity } from "./model-source.ts";
import type { ModelCard } from "./page/card.ts";
import type { OnnxModel } from "./predictor/predictor.ts";
import type { ContractCounts, RequestContract } from "./watch/contract.ts";
import { Counter, type Counts } from "./watch/counts.ts";
import { Drift, type DriftReference, type DriftReport } from "./watch/drift.ts";
import type { Spans } from "./watch/spans.ts";

export interface Limits {
  /** Rows a request. */
  readonly maxRows: number;
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number;
  /** Rows that may wait for the model. */
  readonly maxQueueRows?: number;
  /** How long a request may wait for the model, milliseconds. */
  readonly maxWaitMs?: number;
}

export interface AppOptions {
  readonly predictor: OnnxModel;
  readonly model: ModelIdentity;
  readonly limits: Limits;
  /** False once the service is stopping. Default: always ready. */
  readonly isReady?: (() => boolean) | undefined;
  /** Default: everybody but pages of other origins. */
  readonly access?: AccessRules | undefined;
  /** What the page tells of the model. */
  readonly card?: ModelCard | undefined;
  /** Folder of the model's files, where its example is looked for. Default: there is none. */
  readonly folder?: string | undefined;
  /** Rows that the features of requests are compared with. */
  readonly reference?: DriftReference | undefined;
  /** Holds requests against a data contract. Default: there is none. */
  readonly contract?: RequestContract | undefined;
  readonly spans?: Spans | undefined;
  /** What all processes of the service have seen. Default: what this one has. */
  readonly collect?: (() => Promise<readonly Watched[]>) | undefined;
  /** URL of the other environment's service, shown beside this one on the page. */
  readonly otherUrl?: string | undefined;
}

/** What a process has seen, as plain JSON. */
export interface Watched {
  readonly counts: Counts;
  readonly drift?: DriftReport | undefined;
  /** Absent without a data contract. */
  readonly contract?: ContractCounts | undefined;
}

/** The service without a way in: app.ts puts Hono before it, server.ts Node's own HTTP for what is asked most. */
export interface Core {
  readonly options: AppOptions;
  readonly access: Access;
  readonly endpoint: Endpoint;
  /** Paths that take a POST for predictions. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Paths that answer a GET at once. */
  readonly states: ReadonlyMap<string, () => Reply>;
  watched(): Watched;
  /** Of all processes of the service. */
  collect(): Promise<readonly Watched[]>;
}

/** Puts the parts together. */
export function createCore(options: AppOptions): Core {
  const { predictor, model, limits, reference, contract, spans } = options;
  const counter = new Counter();
  const drift = reference && new Drift(reference);
  const inference = new Inference({
    predictor,
    model,
    ...limits,
    contract,
    onRun: (prediction, table) => {
      counter.ran(table.rows, prediction);
      drift?.observe(table);
    },
  });
  const access = new Access(options.access ?? OPEN_ACCESS);
  const endpoint = new Endpoint({ inference, access, counter, maxBodyBytes: limits.maxBodyBytes, spans });
  const base = `/v2/models/${encodeURIComponent(model.name)}`;
  const bases = [base, `${base}/versions/${encodeURIComponent(model.version)}`];
  const watched = (): Watched => {
    return {
      counts: counter.counts(inference.batcher.waitingRows),
      drift: drift?.report(),
      ...(contract && { contract: contract.counts() }),
    };
  };
  return {
    ...{ options, access, endpoint, watched },
    routes: new Map<string, Route>([
      ["/predict", "/predict"],
      ["/invocations", "/invocations"],
      ...bases.map((path): [string, Route] => [`${path}/infer`, "/v2/infer"]),
    ]),
    states: states(options, bases),
    collect: options.collect ?? (async () => [watched()]),
  };
}

/** What probes and clients ask about the service and its model. */
function states({ predictor, model, isReady = () => true }: AppOptions, bases: readonly string[]) {
  const { name, version, stage, sha256 } = model;
  const health: HealthAnswer = { status: "ok", stage, model: name, version, sha256 };
  const ready: ReadyAnswer = { status: "ready" };
  const stopping = new ProblemError(503, "the service is stopping", { headers: { "retry-after": "1" } });
  const always = (answer: unknown) => {
    const reply = jsonReply(answer);
    return () => reply;
  };
  const whileReady = (answer: unknown) => {
    const replies = [jsonReply(answer), problemReply(stopping)] as const;
    return () => (isReady() ? replies[0] : replies[1]);
  };
  const metadata = modelMetadata(predictor, model);
  return new Map<string, () => Reply>([
    ["/health", always(health)],
    ["/ready", whileReady(ready)],
    // MLflow's and KServe's own.
    ["/ping", always({ status: "ok" })],
    ["/v2", always({ name: "model-promotion", version: "1", extensions: [] })],
    ["/v2/health/live", always({ live: true })],
    ["/v2/health/ready", whileReady({ ready: true })],
    ...bases.flatMap((path): [string, () => Reply][] => [
      [path, always(metadata)],
      [`${path}/ready`, whileReady({ name, ready: true })],
    ]),
  ]);
}
