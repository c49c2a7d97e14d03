import { OpenAPIHono } from "@hono/zod-openapi";
import { type RouteFacts, routes } from "./routes.ts";

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

/**
 * The OpenAPI 3.1 document of the service with this very model. The routes are registered and not handled: requests never pass by a schema here,
 * since a schema for each number costs more than the prediction.
 */
export function openApiDocument(facts: RouteFacts) {
  const { model, needsToken } = facts;
  const { openAPIRegistry: registry, getOpenAPI31Document: document } = new OpenAPIHono();
  for (const route of routes(facts)) registry.registerPath(route);
  if (needsToken) registry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  return document({
    openapi: "3.1.0",
    info: {
      title: `${model.name} ${model.version}`,
      version: model.version,
      description: `Predictions of the model ${model.name}, version ${model.version} (SHA-256 ${model.sha256}).`,
    },
  });
}
