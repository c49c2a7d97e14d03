import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type Api, type AppOptions, createApi } from "./api.ts";
import { readBody } from "./http/body.ts";
import { ProblemError, problemResponse, toResponse } from "./http/problem.ts";
import { type Head, PROBE_HEADER } from "./http/reply.ts";
import type { PageReply } from "./page/html.ts";
import { log } from "./watch/log.ts";

type Bindings = { Bindings: Partial<HttpBindings> };
export interface App extends Hono<Bindings> {}

/**
 * Creates the service as a Hono app, without a port. See contract.ts for requests and responses.
 * @example
 * const app = createApp({ predictor, model, limits: { maxRows: 10_000, maxBodyBytes: 1e7 } });
 * await app.request("/health");
 */
export const createApp = (options: AppOptions): App => appOf(createApi(options));

/** Creates the app for an API that may also be served by other means. */
export function appOf(api: Api): App {
  const { access, endpoint, routes, states } = api;
  const app: App = new Hono();
  const allowed = new Map<string, string>();

  for (const [path, route] of routes) {
    app.post(path, async (c) => {
      const caller = c.env?.incoming?.socket.remoteAddress ?? "";
      const body = () => readBody(c.req.raw, endpoint.maxBodyBytes);
      return toResponse(await endpoint.answer(route, headOf(c), caller, body));
    });
    app.options(path, (c) => new Response(null, { status: 204, headers: access.preflightHeaders(headOf(c)) }));
    allowed.set(path, "POST, OPTIONS");
  }
  for (const [path, answer] of states) {
    app.get(path, () => toResponse(answer()));
    allowed.set(path, "GET, HEAD");
  }
  for (const [path, answer] of pages(api)) {
    app.get(path, answer);
    allowed.set(path, "GET, HEAD");
  }
  for (const [path, allow] of allowed)
    app.all(path, ({ req }) => {
      throw new ProblemError(405, `${path} supports ${allow}, not ${req.method}`, { headers: { allow } });
    });
  const paths = [...allowed.keys()].join(", ");
  app.notFound(() => problemResponse(new ProblemError(404, `not found; available paths: ${paths}`)));
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    log("error", "request failed", { error: error.stack ?? error.message });
    return problemResponse(new ProblemError(500, "internal error; see the service's log"));
  });
  return app;
}

const headOf = ({ req }: Context): Head => ({
  host: req.header("host"),
  origin: req.header("origin"),
  authorization: req.header("authorization"),
  contentType: req.header("content-type"),
  contentEncoding: req.header("content-encoding"),
  contentLength: req.header("content-length"),
  requestId: req.header("x-request-id"),
  traceparent: req.header("traceparent"),
  isProbe: req.header(PROBE_HEADER) !== undefined,
});

/** Pages and monitoring endpoints. Loads each module on first use. */
function pages(api: Api): Map<string, (c: Context) => Promise<Response>> {
  const { options, access, collectObservations } = api;
  const { model, predictor, card, otherUrl } = options;
  const { signature, outputs, classAnswers } = predictor;
  const details = { model, signature, outputs, classAnswers, needsToken: access.needsToken, card, otherUrl };
  const document = async () => {
    const { example } = await (await import("./page/page-props.ts")).readPageProps(options);
    return (await import("./openapi/document.ts")).openApiDocument({ ...details, example });
  };
  const pageOf = async () => {
    const { readPageProps } = await import("./page/page-props.ts");
    return (await import("./page/page.ts")).page({ ...details, ...(await readPageProps(options)) });
  };
  const show = (c: Context, { html, headers }: PageReply) => c.body(html, 200, headers);
  const answers: [string, (c: Context) => Promise<Response>][] = [
    ["/", async (c) => show(c, await pageOf())],
    ["/docs", async (c) => show(c, (await import("./openapi/docs-page.ts")).docsPage(await document(), details))],
    ["/openapi.json", async (c) => c.json(await document())],
    [
      "/metrics",
      async (c) => {
        const { renderMetrics, METRICS_TYPE } = await import("./watch/metrics.ts");
        return c.body(await renderMetrics(await collectObservations(), model), 200, { "content-type": METRICS_TYPE });
      },
    ],
    [
      "/watch",
      async (c) => {
        const { summarise } = await import("./watch/summary.ts");
        return c.json(summarise(await collectObservations()), 200, { "cache-control": "no-store" });
      },
    ],
  ];
  // This server sends the request, so the other service needs no CORS entry for the page.
  if (otherUrl !== undefined)
    answers.push(["/other", async (c) => c.json(await (await import("./page/environment.ts")).otherHealth(otherUrl))]);
  return new Map(answers);
}

/** Returns the Hono app as a request listener for Node's HTTP server. */
export const honoListener = (api: Api) =>
  getRequestListener(appOf(api).fetch, {
    // Called for errors in the request line or the Host header, before the app runs.
    errorHandler: () => problemResponse(new ProblemError(400, "the request target or the Host header is invalid")),
  });
