import { type LoadReport, type SteadyLoad, steadyLoad } from "./steady-load.ts";

const ROW = JSON.stringify({ features: [[0.3, -0.7, 1.1, 0.4, -0.2, 0.9, -1.3, 0.1, 0.5, -0.6]] });

const KINDS = ["kept", "own"];

/**
 * Starts callers of /predict: half of the requests over persistent connections, half over a new connection each.
 * @param url base URL of the service, without a trailing slash
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
