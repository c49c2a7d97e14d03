/** What is told of a model beyond its identity; all of it is told by the registry, or by whoever started the service. */
export interface ModelCard {
  /** The gate's: passed, failed. */
  readonly verdict?: string;
  /** One line: what passed, or each failed check. */
  readonly summary?: string;
  /** By name, such as accuracy. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Web page of the report. */
  readonly reportUrl?: string;
  /** When the gate judged it, ISO 8601. */
  readonly judgedAt?: string;
}

/** Takes what is of the right kind out of MODEL_CARD; a page that lacks a line is better than a service that does not start. */
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
