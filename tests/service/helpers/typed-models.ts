import { join } from "node:path";
import { createApp } from "../../../service/app.ts";
import { openPredictor } from "../../../service/predictor/predictor.ts";
import { MODEL } from "./test-app.ts";

export const fixtures = join(import.meta.dirname, "../../fixtures/parity");

/** Serves one of the parity test's models. */
export async function served(kind: string) {
  const predictor = await openPredictor(join(fixtures, kind));
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 100, maxBodyBytes: 1e6 } });
  const send = async (path: string, body: string, type = "application/json") => {
    const response = await app.request(path, { method: "POST", headers: { "content-type": type }, body });
    const answer = (await response.json()) as Record<string, unknown>;
    return { ...answer, status: response.status, detail: String(answer.detail) };
  };
  const ask = (path: string, body: unknown) => send(path, JSON.stringify(body));
  return { app, send, ask, predictor };
}

/** A row of penguins-mixed. */
export const PENGUIN = {
  bill_length_mm: 39.1,
  bill_depth_mm: 18.7,
  flipper_length_mm: 181,
  body_mass_g: 3750,
  island: "Torgersen",
  sex: "male",
};
