import { PredictAnswer } from "../../../service/contract.ts";

/** What answers requests: a Hono app. */
interface App {
  fetch(request: Request): Response | Promise<Response>;
}

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, Infinity];

/** Adds /metrics, by the names that the service uses, to an app that has none. */
export function withMetrics(app: App): (request: Request) => Promise<Response> {
  const requests = new Map<number, number>();
  const classes = new Map<number, number>();
  const durations = new Map<number, number>();
  const count = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const render = () =>
    [
      ...[...requests].map(
        ([status, value]) => `inference_requests_total{route="/predict",status="${status}"} ${value}`,
      ),
      ...BOUNDS.map((bound) => {
        const below = [...durations].reduce((sum, [took, number]) => sum + (took <= bound ? number : 0), 0);
        const le = bound === Infinity ? "+Inf" : bound;
        return `inference_request_duration_seconds_bucket{le="${le}",route="/predict"} ${below}`;
      }),
      ...[...classes].map(([label, value]) => `inference_predictions_total{class="${label}"} ${value}`),
    ].join("\n");
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/metrics") return new Response(`${render()}\n`);
    const begin = performance.now();
    const response = await app.fetch(request);
    if (pathname !== "/predict") return response;
    count(requests, response.status);
    count(durations, (performance.now() - begin) / 1000);
    if (response.ok)
      for (const label of PredictAnswer.parse(await response.clone().json()).predictions) count(classes, label);
    return response;
  };
}
