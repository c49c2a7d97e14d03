import { OpenAPIHono } from "@hono/zod-openapi";
import { type RouteOptions, routes } from "./routes.ts";

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

/**
 * The OpenAPI 3.1 document for this model. Routes are registered only to generate it: requests are not validated against these schemas,
 * since a schema per number costs more than the prediction.
 */
export function openApiDocument(facts: RouteOptions) {
  const { model, needsToken } = facts;
  const { openAPIRegistry: registry, getOpenAPI31Document: document } = new OpenAPIHono();
  for (const route of routes(facts)) registry.registerPath(route);
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
