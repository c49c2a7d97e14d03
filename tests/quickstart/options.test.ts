import { expect, test } from "vitest";
import { parseOptions } from "../../quickstart/options.ts";

const DEFAULTS = { engine: "embedded", verbose: false, ports: { mlflow: 5050, staging: 8000, production: 8001 } };

test("defaults to the embedded engine and the ports of the README", () => {
  expect(parseOptions([])).toEqual(DEFAULTS);
});

test("accepts the official CLI and other ports", () => {
  expect(parseOptions(["--engine", "pulumi", "--verbose", "--staging-port", "9000", "--production-port=81"])).toEqual({
    engine: "pulumi",
    verbose: true,
    ports: { mlflow: 5050, staging: 9000, production: 81 },
  });
});

test.each([
  [["--engine", "terraform"], "--engine must be embedded or pulumi, got terraform"],
  [["--mlflow-port", "0"], "--mlflow-port must be a port from 1 to 65535, got 0"],
  [["--mlflow-port", "65536"], "--mlflow-port must be a port from 1 to 65535, got 65536"],
  [["--staging-port", "8000.5"], "--staging-port must be a port from 1 to 65535, got 8000.5"],
  [["--staging-port", "http"], "--staging-port must be a port from 1 to 65535, got http"],
  [["--mlflow-port", "5061"], "--mlflow-port must be another port, got 5061: other protocols use this one, so Node"],
  [["--production-port="], "--production-port must be a port from 1 to 65535, got "],
  [["--production-port", "8000"], "the three ports must differ"],
  [["--port", "1"], "Unknown option '--port'"],
  [["staging"], "Unexpected argument 'staging'"],
  [["--mlflow-port"], "'--mlflow-port <value>' argument missing"],
])("rejects %j and shows the usage", (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
  expect(() => parseOptions(args)).toThrow(
    /\nusage: npm run quickstart -- \[--verbose\] \[--engine embedded\|pulumi\] \[--mlflow-port N\] \[--staging-port N\] \[--production-port N\]$/,
  );
});
