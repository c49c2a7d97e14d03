/** Where MLflow keeps a run's artifacts, whatever it keeps them in: experiment and run are part of the path. */
const REPORT = /\/(\d+)\/([0-9a-f]{32})\/artifacts\/(.+)\.json$/;

/** The web page of a gate's report in MLflow's UI; undefined for a report that is kept elsewhere. @param report GateEvidence's */
export function reportUrl(trackingUri: string, report: string): string | undefined {
  const [, experiment, run, path] = REPORT.exec(report) ?? [];
  if (run === undefined || !URL.canParse(trackingUri)) return undefined;
  const url = new URL(trackingUri);
  // The page is for everybody.
  url.username = "";
  url.password = "";
  return `${url.href.replace(/(?<!\/)\/+$/, "")}/#/experiments/${experiment}/runs/${run}/artifacts/${path}.html`;
}

/**
 * The same of the folder that it is in, where the version's other reports are, too: a version that is judged anew need not be served anew
 * for the link on its page.
 */
export const reportFolderUrl = (trackingUri: string, report: string): string | undefined =>
  reportUrl(trackingUri, report)?.replace(/\/[^/]+$/, "");
