/** Where MLflow keeps a run's artifacts, whatever it keeps them in: experiment and run are part of the path. */
const REPORT = /\/(\d+)\/([0-9a-f]{32})\/artifacts\/(.+)\.(?:json|html)$/;

/** Tag with the artifact URI of the page of a version's last gate; versions that an earlier release judged have none. */
export const REPORT_PAGE_TAG = "gate.report_page";

/** That page, below a run's artifacts: its address stays the same however often the version is judged. */
export const REPORT_PAGE = "gate/report.html";

/** Artifact URI of that page. @param report artifact URI of one of the version's reports */
export const reportPageOf = (report: string): string => report.replace(/[^/]+$/, REPORT_PAGE.replace(/^.*\//, ""));

/**
 * The web page of a gate's report in MLflow's UI, in the view for machine learning; undefined for a report that is kept elsewhere.
 * @param report artifact URI of the JSON or of the page itself
 */
export function reportUrl(trackingUri: string, report: string): string | undefined {
  const [, experiment, run, path] = REPORT.exec(report) ?? [];
  const root = run === undefined ? undefined : rootOf(trackingUri);
  // MLflow's router reads what stands behind the `?` of the fragment, not the page's own query.
  return root && `${root}/#/experiments/${experiment}/runs/${run}/artifacts/${path}.html?workflowType=machine_learning`;
}

/**
 * The link of a service's page. It stays the same when a version is judged once more, which would otherwise start the service again.
 * @param report artifact URI of the report
 * @param page artifact URI of the page of the version's last gate; undefined for one that an earlier release judged, whose folder is linked to then
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
  // The page is for everybody.
  url.username = "";
  url.password = "";
  return url.href.replace(/(?<!\/)\/+$/, "");
}
