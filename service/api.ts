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
  /** How long a request may wait for the model, in milliseconds. */
  readonly maxWaitMs?: number;
}

export interface AppOptions {
  readonly predictor: OnnxModel;
  readonly model: ModelIdentity;
  readonly limits: Limits;
  /** False during shutdown. Default: always ready. */
  readonly isReady?: (() => boolean) | undefined;
  /** Default: everyone except pages of other origins. */
  readonly access?: AccessRules | undefined;
  /** Model details on the page. */
  readonly card?: ModelCard | undefined;
  /** Folder of the model's files; contains its input example. Default: none. */
  readonly folder?: string | undefined;
  /** Reference distribution for drift. */
  readonly reference?: DriftReference | undefined;
  /** Validates requests against a data contract. Default: none. */
  readonly contract?: RequestContract | undefined;
  readonly spans?: Spans | undefined;
  /** Observations of all processes of the service. Default: of this process. */
  readonly collect?: (() => Promise<readonly Watched[]>) | undefined;
  /** URL of the other environment's service, linked from the page. */
  readonly otherUrl?: string | undefined;
}

/** Observations of one process, as plain JSON. */
export interface Watched {
  readonly counts: Counts;
  readonly drift?: DriftReport | undefined;
  /** Absent without a data contract. */
  readonly contract?: ContractCounts | undefined;
}

/** The service's API, independent of the transport: app.ts serves it with Hono, server.ts serves its busiest paths on Node's HTTP. */
export interface Api {
  readonly options: AppOptions;
  readonly access: Access;
  readonly endpoint: Endpoint;
  /** Paths that accept POST for predictions. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Paths that answer GET without I/O. */
  readonly states: ReadonlyMap<string, () => Reply>;
  watched(): Watched;
  /** Observations of all processes of the service. */
  collect(): Promise<readonly Watched[]>;
}

/** Wires the parts together. */
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
    options,
    access,
    endpoint,
    watched,
    routes: new Map<string, Route>([
      ["/predict", "/predict"],
      ["/invocations", "/invocations"],
      ...bases.map((path): [string, Route] => [`${path}/infer`, "/v2/infer"]),
    ]),
    states: states(options, bases),
    collect: options.collect ?? (async () => [watched()]),
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
    // Paths of MLflow and KServe.
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
