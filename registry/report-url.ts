/** Matches the URI of a run's artifact in any store: MLflow always makes experiment and run part of the path. */
const REPORT = /\/(\d+)\/([0-9a-f]{32})\/artifacts\/(.+)\.(?:json|html)$/;

/** Tag with the artifact URI of the report page of a version's last gate. Versions that an earlier release judged have none. */
export const REPORT_PAGE_TAG = "gate.report_page";

/** Path of that page in the run's artifacts. It stays the same however often the version is judged. */
export const REPORT_PAGE = "gate/report.html";

/** Returns the artifact URI of that page. @param report artifact URI of one of the version's reports */
export const reportPageOf = (report: string): string => report.replace(/[^/]+$/, REPORT_PAGE.replace(/^.*\//, ""));

/**
 * Returns the URL of a gate's report page in MLflow's UI, in its machine-learning view; undefined for a report that is stored elsewhere.
 * @param report artifact URI of the JSON or of the page itself
 */
export function reportUrl(trackingUri: string, report: string): string | undefined {
  const [, experiment, run, path] = REPORT.exec(report) ?? [];
  const root = run === undefined ? undefined : rootOf(trackingUri);
  // MLflow's router reads the query inside the fragment, not the page's own query.
  return root && `${root}/#/experiments/${experiment}/runs/${run}/artifacts/${path}.html?workflowType=machine_learning`;
}

/**
 * Returns the report link for a service's page. It stays the same when a version is judged again; a changed link would restart the service.
 * @param report artifact URI of the report
 * @param page artifact URI of the page of the version's last gate; undefined if an earlier release judged it, which links to the folder
 */
export function cardReportUrl(trackingUri: string, report: string, page: string | undefined): string | undefined {
  if (page !== undefined) return reportUrl(trackingUri, page);
  const [, experiment, run, path = ""] = REPORT.exec(report) ?? [];
  const root = run === undefined ? undefined : rootOf(trackingUri);
  return root && `${root}/#/experiments/${experiment}/runs/${run}/artifacts/${path.replace(/\/[^/]+$/, "")}`;
}

function rootOf(trackingUri: string): string | undefined {
  if (!URL.canParse(trackingUri)) return undefined;
  const url = new URL(trackingUri);
  // The link is public, so it must not contain credentials.
  url.username = "";
  url.password = "";
  return url.href.replace(/(?<!\/)\/+$/, "");
}
