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
import type { Spans } from "./watch/telemetry.ts";

export interface Limits {
  /** Per request. */
  readonly maxRows: number;
  /** Maximum size of a request body. */
  readonly maxBodyBytes: number;
  /** Rows that may wait for the model. */
  readonly maxQueueRows?: number;
  /** Maximum wait of a request for the model, in milliseconds. */
  readonly maxWaitMs?: number;
}

export interface AppOptions {
  readonly predictor: OnnxModel;
  readonly model: ModelIdentity;
  readonly limits: Limits;
  /** Returns false during shutdown. Default: always ready. */
  readonly isReady?: (() => boolean) | undefined;
  /** Default: all callers, except pages of other origins. */
  readonly access?: AccessRules | undefined;
  /** Model details on the page. */
  readonly card?: ModelCard | undefined;
  /** Folder of the model's files, which may contain an input example. Default: none. */
  readonly folder?: string | undefined;
  /** Reference distribution for drift. */
  readonly reference?: DriftReference | undefined;
  /** Validates requests against a data contract. Default: none. */
  readonly contract?: RequestContract | undefined;
  readonly spans?: Spans | undefined;
  /** Collects the observations of all processes of the service. Default: only this process. */
  readonly collectObservations?: (() => Promise<readonly Observations[]>) | undefined;
  /** URL of the other environment's service, linked from the page. */
  readonly otherUrl?: string | undefined;
}

/** Observations of one process, as plain JSON. */
export interface Observations {
  readonly counts: Counts;
  readonly drift?: DriftReport | undefined;
  /** Absent without a data contract. */
  readonly contract?: ContractCounts | undefined;
}

/** The service's API, independent of the transport. app.ts serves it with Hono; server.ts serves its busiest paths directly on Node's HTTP. */
export interface Api {
  readonly options: AppOptions;
  readonly access: Access;
  readonly endpoint: Endpoint;
  /** Paths that accept POST for predictions. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Paths that answer GET without I/O. */
  readonly states: ReadonlyMap<string, () => Reply>;
  observations(): Observations;
  /** Collects the observations of all processes of the service. */
  collectObservations(): Promise<readonly Observations[]>;
}

/** Builds the API from its parts. */
export function createApi(options: AppOptions): Api {
  const { predictor, model, limits, reference, contract, spans } = options;
  const counter = new Counter();
  const drift = reference && new Drift(reference);
  const inference = new Inference({
    predictor,
    model,
    ...limits,
    contract,
    onRun: (prediction, table) => {
      counter.countRun(table.rows, prediction);
      drift?.observe(table);
    },
  });
  const access = new Access(options.access ?? OPEN_ACCESS);
  const endpoint = new Endpoint({ inference, access, counter, maxBodyBytes: limits.maxBodyBytes, spans });
  const base = `/v2/models/${encodeURIComponent(model.name)}`;
  const bases = [base, `${base}/versions/${encodeURIComponent(model.version)}`];
  const observations = (): Observations => {
    return {
      counts: counter.counts(inference.batcher.waitingRows),
      drift: drift?.report(),
      ...(contract && { contract: contract.counts() }),
    };
  };
  return {
    options,
    access,
    endpoint,
    observations,
    routes: new Map<string, Route>([
      ["/predict", "/predict"],
      ["/invocations", "/invocations"],
      ...bases.map((path): [string, Route] => [`${path}/infer`, "/v2/infer"]),
    ]),
    states: states(options, bases),
    collectObservations: options.collectObservations ?? (async () => [observations()]),
  };
}

/** Status endpoints for probes and clients. */
function states({ predictor, model, isReady = () => true }: AppOptions, bases: readonly string[]) {
  const { name, version, stage, sha256 } = model;
  const health: HealthAnswer = { status: "ok", stage, model: name, version, sha256 };
  const ready: ReadyAnswer = { status: "ready" };
  const stopping = new ProblemError(503, "the service is shutting down", { headers: { "retry-after": "1" } });
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
    // Paths that MLflow and KServe define.
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
