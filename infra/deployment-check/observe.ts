import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { inClusterHint } from "../../registry/errors.ts";
import type { GateReportSamples } from "../../registry/gate-report.ts";
import { HealthAnswer, PredictAnswer } from "../../service/contract.ts";
import { PROBE_HEADER } from "../../service/http/reply.ts";
import type { Observation } from "./proofs.ts";
import { sampledAnswers } from "./sampled-answers.ts";

type Row = Pick<GateReportSamples[number], "features">;

interface Service {
  readonly url: string;
  readonly apiToken?: string | undefined;
}

const READY_SECONDS = 15;
const REQUEST_SECONDS = 10;
/** Enough that a single pause of the machine does not decide the 95th percentile. */
const LATENCY_REQUESTS = 60;
const WARM_UP = 10;

/**
 * Observes a running service as its callers see it. Never throws: a failed observation is a string with the reason.
 * @param url base URL without a slash at the end
 * @param rows rows that fit the model
 * @param apiToken token that callers must send
 * @param readySeconds seconds to wait for /ready
 */
export async function observe(
  url: string,
  rows: readonly Row[],
  { readySeconds = READY_SECONDS, apiToken }: { readySeconds?: number; apiToken?: string | undefined } = {},
): Promise<Observation> {
  const service = { url, apiToken };
  const ready = await waitReady(`${url}/ready`, readySeconds);
  if (ready !== true)
    return { ready, health: ready, answers: ready, alone: ready, malformed: ready, latenciesMs: ready };
  return {
    ready,
    health: await orReason(async () => read("/health", await get(`${url}/health`), HealthAnswer)),
    answers: await orReason(() => ask(service, rows)),
    alone: await orReason(async () => {
      const answers = [];
      for (const row of rows) answers.push(...(await ask(service, [row])));
      return answers;
    }),
    malformed: await orReason(async () => {
      const response = await post(service, [(rows[0]?.features ?? []).slice(1)]);
      await response.body?.cancel();
      return { status: response.status, contentType: response.headers.get("content-type") ?? "" };
    }),
    latenciesMs: await orReason(() => measure(service, rows)),
  };
}

async function waitReady(url: string, seconds: number): Promise<true | string> {
  let last = "";
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; await sleep(50)) {
    const status = await orReason(async () => {
      const response = await get(url);
      await response.body?.cancel();
      return response.status;
    });
    if (status === 200) return true;
    last = String(status);
  }
  const hint = inClusterHint(new URL(url), /ENOTFOUND|EAI_AGAIN/.exec(last)?.[0]);
  return `${url} did not answer 200 within ${seconds} s (last: ${last})${hint ? `. ${hint}` : ""}`;
}

async function ask(service: Service, rows: readonly Row[]) {
  const response = await post(
    service,
    rows.map(({ features }) => features),
  );
  return sampledAnswers(await read("/predict", response, PredictAnswer));
}

/** Parses a response that matches the contract. Throws a one-line Error that shows any other response. */
async function read<Answer>(path: string, response: Response, schema: z.ZodType<Answer>): Promise<Answer> {
  const text = await response.text();
  const parsed = schema.safeParse(parseJson(text));
  if (response.ok && parsed.success) return parsed.data;
  const excerpt = text.slice(0, 300).replace(/\s+/g, " ").trim();
  const wrong = response.ok ? ", but the body does not match its contract" : "";
  throw new Error(`${path} answered ${response.status}${wrong}: ${excerpt || "(nothing)"}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function measure(service: Service, rows: readonly Row[]): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < WARM_UP + LATENCY_REQUESTS; request++) {
    const row = rows[request % rows.length];
    if (!row) throw new Error("no rows to measure with");
    const start = performance.now();
    await ask(service, [row]);
    if (request >= WARM_UP) times.push(performance.now() - start);
  }
  return times;
}

const get = (url: string) => fetch(url, { signal: AbortSignal.timeout(REQUEST_SECONDS * 1000) });

const post = ({ url, apiToken }: Service, features: readonly Row["features"][]) =>
  fetch(`${url}/predict`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      // Marked as a probe, so that the service's metrics start with real callers.
      [PROBE_HEADER]: "deployment-check",
      ...(apiToken && { authorization: `Bearer ${apiToken}` }),
    },
    body: JSON.stringify({ features }),
    signal: AbortSignal.timeout(REQUEST_SECONDS * 1000),
  });

/** Runs an observation, and returns the reason if it fails. */
async function orReason<Seen>(observe: () => Promise<Seen>): Promise<Seen | string> {
  try {
    return await observe();
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  }
}
