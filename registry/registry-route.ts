import { BlockList, isIP } from "node:net";
import { RegistryError } from "./errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Proxy and TLS settings of a registry that is not reached directly. */
export interface RegistryRoute {
  /** URL of the HTTP proxy. */
  readonly proxy?: string;
  /** PEM file of the authorities that may sign the server's certificate, instead of the default ones. */
  readonly serverCertFile?: string;
  /** PEM file with the client's certificate and its key. */
  readonly clientCertFile?: string;
  /** Disables verification of the server's certificate. */
  readonly insecure?: boolean;
}

/**
 * Reads the variables that MLflow's own client reads: MLFLOW_TRACKING_SERVER_CERT_PATH, _CLIENT_CERT_PATH, _INSECURE_TLS, and
 * HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY (lower-case names take precedence). Unlike MLflow's client, it never uses a proxy to reach
 * this machine.
 * @returns undefined for a direct connection
 * @throws RegistryError for contradictory or invalid values
 */
export function routeTo(trackingUri: string, env: Environment): RegistryRoute | undefined {
  const url = new URL(trackingUri);
  const proxy = proxyFor(url, env);
  const route = { ...(proxy !== undefined && { proxy }), ...(url.protocol === "https:" && tlsOf(env)) };
  return Object.keys(route).length > 0 ? route : undefined;
}

function tlsOf(env: Environment): Omit<RegistryRoute, "proxy"> {
  const value = (name: string) => env[name]?.trim() || undefined;
  const serverCertFile = value("MLFLOW_TRACKING_SERVER_CERT_PATH");
  const clientCertFile = value("MLFLOW_TRACKING_CLIENT_CERT_PATH");
  const insecureText = value("MLFLOW_TRACKING_INSECURE_TLS")?.toLowerCase() ?? "false";
  if (!["true", "1", "false", "0"].includes(insecureText))
    throw new RegistryError(`MLFLOW_TRACKING_INSECURE_TLS must be true or false, got ${JSON.stringify(insecureText)}`);
  const insecure = insecureText === "true" || insecureText === "1";
  if (insecure && serverCertFile)
    throw new RegistryError(
      "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH contradict each other: unset one of them",
    );
  return {
    ...(serverCertFile && { serverCertFile }),
    ...(clientCertFile && { clientCertFile }),
    ...(insecure && { insecure }),
  };
}

function proxyFor(url: URL, env: Environment): string | undefined {
  const value = (name: string) => (env[name] || env[name.toUpperCase()])?.trim() || undefined;
  const proxy = value(url.protocol === "https:" ? "https_proxy" : "http_proxy") ?? value("all_proxy");
  if (proxy === undefined || isThisMachine(url) || isExempt(url, value("no_proxy") ?? "")) return undefined;
  // Like curl and Python's requests, accept a proxy without a scheme.
  const parsed = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:")
    throw new RegistryError(
      `the proxy ${proxy.replace(/\/\/[^/]*@/, "//***@")} is not supported: only http:// and https:// proxies are`,
    );
  return parsed.href;
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[(.*)\]$/, "$1");

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

function isThisMachine(url: URL): boolean {
  const host = hostOf(url);
  return host === "localhost" || host.endsWith(".localhost") || isListed(LOOPBACK, host);
}

const isListed = (list: BlockList, host: string): boolean =>
  isIP(host) !== 0 && list.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");

/** Interprets NO_PROXY like Python's requests: name suffixes with or without a port, addresses, subnets, and `*` for all. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .split(",")
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ""),
    )
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      if (entry.includes("/")) return isListed(subnet(entry), host);
      return [host, `${host}:${port}`].some((name) => name === entry || name.endsWith(`.${entry}`));
    });
}

/** Parses a subnet; an invalid one matches nothing. */
function subnet(text: string): BlockList {
  const list = new BlockList();
  const [address = "", bits] = text.split("/");
  const family = isIP(address);
  const maxBits = family === 6 ? 128 : 32;
  if (family !== 0 && Number(bits) >= 0 && Number(bits) <= maxBits)
    list.addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
  return list;
}
