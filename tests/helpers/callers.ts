import { type LoadReport, type SteadyLoad, steadyLoad } from "./steady-load.ts";

const ROW = JSON.stringify({ features: [[0.3, -0.7, 1.1, 0.4, -0.2, 0.9, -1.3, 0.1, 0.5, -0.6]] });

const KINDS = ["kept", "own"];

/**
 * Callers of /predict, 200 requests a second unless it is said otherwise: half of them over connections that are used again, half
 * over one for each request.
 * @param url base URL of the service, without a slash at the end
 */
export function callersOf(url: string, perSecond = 200): SteadyLoad {
  const loads = KINDS.map((kind) => steadyLoad(`${url}/predict`, ROW, perSecond / 2, kind === "kept"));
  return {
    stop: async (): Promise<LoadReport> => {
      const reports = await Promise.all(loads.map((load) => load.stop()));
      return {
        sent: reports.reduce((sum, { sent }) => sum + sent, 0),
        failed: reports.flatMap(({ failed }, load) => failed.map((why) => `${why} (${KINDS[load]} connection)`)),
        slowestMs: Math.max(...reports.map(({ slowestMs }) => slowestMs)),
      };
    },
  };
}
