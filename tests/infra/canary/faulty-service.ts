import { createApi } from "../../../service/api.ts";
import { type OnnxModel, openPredictor } from "../../../service/predictor/predictor.ts";
import { createService } from "../../../service/server.ts";

/**
 * The real service, including /metrics, with a predictor that can be slow, wrong or failing: `MODEL_URI=<folder> FAULT=slow node faulty-service.ts`.
 * Prints the same line of JSON as service/main.ts when it listens.
 */
const FAULTS: Readonly<Record<string, (predictor: OnnxModel) => OnnxModel["run"]>> = {
  none: (predictor) => (table) => predictor.run(table),
  slow: (predictor) => (table) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    return predictor.run(table);
  },
  wrong: (predictor) => (table) => {
    const answer = predictor.run(table);
    const { prediction } = answer;
    if (prediction.kind !== "classes") return answer;
    return { ...answer, prediction: { ...prediction, codes: prediction.codes.map(() => 1) } };
  },
  stalled: (predictor) => (table) => predictor.run(table),
  failing: (predictor) => (table) => {
    if (Math.random() < 0.3) throw new Error("a deliberate fault");
    return predictor.run(table);
  },
};

/** Blocks the event loop before the service sees a request, which its own latency metric does not include. */
if (process.env.FAULT === "stalled")
  setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250), 300);

const fault = FAULTS[process.env.FAULT ?? "none"];
if (!fault) throw new Error(`FAULT must be one of ${Object.keys(FAULTS).join(", ")}`);
const real = await openPredictor(process.env.MODEL_URI ?? "");
const predictor: OnnxModel = {
  signature: real.signature,
  outputs: real.outputs,
  classAnswers: real.classAnswers,
  run: fault(real),
  predict: (table) => real.predict(table),
  close: () => real.close(),
};
const model = { name: "churn-model", version: "1", stage: "Staging", sha256: "a".repeat(64) };
const limits = { maxRows: 100, maxBodyBytes: 1e6 };
const service = createService((state) => createApi({ ...state, predictor, model, limits }));
process.stdout.write(`${JSON.stringify({ listening: await service.listen("127.0.0.1", 0) })}\n`);
process.on("SIGTERM", () => process.exit(0));
