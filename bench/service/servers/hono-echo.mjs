// Like echo.mjs, with Hono and its adapter for Node.
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const answer = { predictions: [0], probabilities: [[0.5709457993507385, 0.4290542006492615]] };
const app = new Hono();
app.post("/predict", async (c) => {
  await c.req.json();
  return c.json(answer);
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });
