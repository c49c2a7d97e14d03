import { expect, test } from "vitest";
import { routeTo } from "../../registry/registry-route.ts";

const SERVER = "https://mlflow.example.org/team";
const PROXY = { https_proxy: "http://proxy.example:3128" };
const byProxy = { proxy: "http://proxy.example:3128/" };

test("connects directly if no variable applies to the server", () => {
  expect(routeTo(SERVER, {})).toBeUndefined();
  expect(
    routeTo(SERVER, { HTTP_PROXY: "http://other:1", HTTPS_PROXY: "", MLFLOW_TRACKING_INSECURE_TLS: "false" }),
  ).toBeUndefined();
  const tls = { MLFLOW_TRACKING_SERVER_CERT_PATH: "ca.pem", MLFLOW_TRACKING_INSECURE_TLS: "" };
  expect(routeTo("http://mlflow.example.org", tls)).toBeUndefined();
});

test("reads certificates from the variables of MLflow's own client", () => {
  const paths = { MLFLOW_TRACKING_SERVER_CERT_PATH: " ca.pem ", MLFLOW_TRACKING_CLIENT_CERT_PATH: "me.pem" };
  expect(routeTo(SERVER, paths)).toEqual({ serverCertFile: "ca.pem", clientCertFile: "me.pem" });
  expect(routeTo(SERVER, { MLFLOW_TRACKING_INSECURE_TLS: "TRUE" })).toEqual({ insecure: true });
  expect(() => routeTo(SERVER, { ...paths, MLFLOW_TRACKING_INSECURE_TLS: "1" })).toThrow("contradict each other");
  expect(() => routeTo(SERVER, { MLFLOW_TRACKING_INSECURE_TLS: "yes" })).toThrow('must be true or false, got "yes"');
});

test("selects the proxy by the server's scheme, lower-case names first and ALL_PROXY last, with http as the default scheme", () => {
  expect(routeTo(SERVER, { HTTPS_PROXY: "http://other:1", ...PROXY })).toEqual(byProxy);
  expect(routeTo(SERVER, { ALL_PROXY: "proxy.example:3128" })).toEqual(byProxy);
  expect(routeTo("http://mlflow.example.org", PROXY)).toBeUndefined();
  expect(routeTo("http://mlflow.example.org", { HTTP_PROXY: "https://user:pw@p:1" })).toEqual({
    proxy: "https://user:pw@p:1/",
  });
});

test("names an unsupported proxy without its password", () => {
  expect(() => routeTo(SERVER, { all_proxy: "socks5://ann:s3cret@p:1080" })).toThrow(
    "the proxy socks5://***@p:1080 is not supported: only http:// and https:// proxies are",
  );
});

test("reaches this machine without a proxy", () => {
  for (const host of ["127.0.0.1:5050", "127.8.9.1", "localhost:5050", "mlflow.localhost", "[::1]:5050"])
    expect(routeTo(`http://${host}`, { http_proxy: "http://proxy:1" })).toBeUndefined();
});

test.each([
  ["mlflow.example.org", true],
  ["example.org", true],
  [".example.org", true],
  ["*.example.org", true],
  ["other.example, EXAMPLE.ORG:443", true],
  ["*", true],
  ["example.org:80", false],
  ["ample.org", false],
  ["w.mlflow.example.org", false],
  ["10.0.0.0/8", false],
  ["", false],
])("NO_PROXY=%s exempts mlflow.example.org: %s", (no_proxy, exempt) => {
  expect(routeTo(SERVER, { ...PROXY, no_proxy })).toEqual(exempt ? undefined : byProxy);
});

test.each([
  ["10.1.0.0/16", true],
  ["10.1.2.3", true],
  ["fd00::/8,10.0.0.0/8", true],
  ["10.2.0.0/16", false],
  ["10.1.0.0/99", false],
  ["nonsense/8", false],
])("NO_PROXY=%s exempts 10.1.2.3: %s", (NO_PROXY, exempt) => {
  expect(routeTo("https://10.1.2.3:5000", { ...PROXY, NO_PROXY })).toEqual(exempt ? undefined : byProxy);
});
