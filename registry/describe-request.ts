/** Fields of MLflow's requests that identify what a request is about. Values of tags and params are never shown. */
const IDENTIFYING_FIELDS = [
  "name",
  "version",
  "stage",
  "alias",
  "key",
  "experiment_name",
  "run_id",
  "run_name",
  "status",
  "source",
  "path",
  "filter",
];

/** Describes a request for a message: `POST mlflow/model-versions/transition-stage (name churn-model, version 3, stage Staging)`. */
export function describeRequest(
  method: string,
  path: string,
  query: Readonly<Record<string, unknown>> = {},
  body: unknown = {},
): string {
  const fields: Record<string, unknown> = { ...query, ...(body instanceof Uint8Array ? {} : (body as object)) };
  const shown = IDENTIFYING_FIELDS.filter((key) => ["string", "number"].includes(typeof fields[key])).map(
    (key) => `${key} ${String(fields[key]).slice(0, 120)}`,
  );
  return `${method} ${path}${shown.length > 0 ? ` (${shown.join(", ")})` : ""}`;
}

/** Describes the attempts, such as `3 attempts in 1.2 s`, and why a call was not retried. */
export function describeAttempts(attempts: number, elapsedMs: number, mayRetry: boolean): string {
  const time = `in ${(elapsedMs / 1000).toFixed(1)} s`;
  if (attempts > 1) return `${attempts} attempts ${time}`;
  return mayRetry ? `1 attempt ${time}` : `1 attempt ${time}; not retried, because it is not idempotent`;
}
