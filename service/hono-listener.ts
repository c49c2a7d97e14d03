import { getRequestListener } from "@hono/node-server";
import type { Api } from "./api.ts";
import { appOf } from "./app.ts";
import { ProblemError, problemResponse } from "./http/problem.ts";

/** Hono with its adapter, as a listener of Node's HTTP server. */
export const honoListener = (api: Api) =>
  getRequestListener(appOf(api).fetch, {
    // Errors of the request line and the Host header, raised before the app runs.
    errorHandler: () => problemResponse(new ProblemError(400, "the request target or the Host header is invalid")),
  });
