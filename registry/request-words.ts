/** Fields of MLflow's requests that say what a request is about; values of tags and params are none of them. */
const TELLING = [
  ...([
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
  ] as const),
  "filter",
];

/** A request for a message: `POST mlflow/model-versions/transition-stage (name churn-model, version 3, stage Staging)`. */
export function describeRequest(
  method: string,
  path: string,
  query: Readonly<Record<string, unknown>> = {},
  body: unknown = {},
): string {
  const fields: Record<string, unknown> = { ...query, ...(body instanceof Uint8Array ? {} : (body as object)) };
  const told = TELLING.filter((key) => ["string", "number"].includes(typeof fields[key])).map(
    (key) => `${key} ${String(fields[key]).slice(0, 120)}`,
  );
  return `${method} ${path}${told.length > 0 ? ` (${told.join(", ")})` : ""}`;
}

/** `3 tries in 1.2 s`; if a call was not retried, why. */
export function describeTries(tries: number, elapsedMs: number, repeatable: boolean): string {
  const time = `in ${(elapsedMs / 1000).toFixed(1)} s`;
  if (tries > 1) return `${tries} tries ${time}`;
  return repeatable ? `1 try ${time}` : `1 try ${time}: this call must not be made twice`;
}

/** A text as a literal of MLflow's filter language. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
