import { OpenAPIHono } from "@hono/zod-openapi";
import { type RouteOptions, routes } from "./routes.ts";

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

/**
 * Generates the OpenAPI 3.1 document for a model. Routes are registered for that purpose only: requests are not validated against these schemas, since a
 * schema per number would cost more than the prediction.
 */
export function openApiDocument(options: RouteOptions) {
  const { model, needsToken } = options;
  const { openAPIRegistry: registry, getOpenAPI31Document: document } = new OpenAPIHono();
  for (const route of routes(options)) registry.registerPath(route);
  if (needsToken) registry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  return document({
    openapi: "3.1.0",
    info: {
      title: `${model.name} ${model.version}`,
      version: model.version,
      description: `Predictions by model ${model.name}, version ${model.version} (SHA-256 ${model.sha256}).`,
    },
  });
}
