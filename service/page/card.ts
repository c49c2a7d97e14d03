/** Details of a model beyond its identity, from the registry or the operator. */
export interface ModelCard {
  /** The gate's verdict: passed, failed. */
  readonly verdict?: string;
  /** One line: the result, or every failed check. */
  readonly summary?: string;
  /** By name, such as accuracy. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** URL of the report's page. */
  readonly reportUrl?: string;
  /** When the gate ran, ISO 8601. */
  readonly judgedAt?: string;
}

/** Reads MODEL_CARD. Drops invalid members: a page without a line is better than a service that does not start. */
export function readCard(given: Readonly<Record<string, unknown>> | undefined): ModelCard {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const { verdict, summary, metrics, reportUrl, judgedAt } = given ?? {};
  const url = text(reportUrl);
  const judged = text(judgedAt);
  const numbers = Object.entries(typeof metrics === "object" && metrics !== null ? metrics : {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  const card = {
    verdict: text(verdict),
    summary: text(summary),
    metrics: numbers.length > 0 ? Object.fromEntries(numbers) : undefined,
    reportUrl: url !== undefined && /^https?:\/\//.test(url) ? url : undefined,
    judgedAt: judged !== undefined && !Number.isNaN(Date.parse(judged)) ? judged : undefined,
  };
  return Object.fromEntries(Object.entries(card).filter(([, value]) => value !== undefined));
}
