import { getRequestListener } from "@hono/node-server";
import { appOf } from "./app.ts";
import type { Core } from "./core.ts";
import { ProblemError, problemResponse } from "./http/problem.ts";

/** Hono and its adapter as a listener of Node's HTTP server. */
export const honoListener = (core: Core) =>
  getRequestListener(appOf(core).fetch, {
    // Errors of the request line and Host header, which come before the app.
    errorHandler: () => problemResponse(new ProblemError(400, "the request's target or Host header is not valid")),
  });
