/** Two slots for servers, so that one can be prepared while the other serves. */
export type Slot = "blue" | "green";

export interface Route {
  readonly active: Slot;
  /** Container name on the gateway's network, by slot. */
  readonly hosts: Readonly<Partial<Record<Slot, string>>>;
}

/** On the gateway's volume. */
export const CONFIG_FILE = "/config/haproxy.cfg";
/** Port that callers are served on, inside the container. */
export const GATEWAY_PORT = 8000;
/** HAProxy's runtime API: inside the container, on its loopback interface, so that no other container reaches it. */
export const CONTROL_PORT = 9999;
/** A name that never resolves (RFC 2606). */
const UNRESOLVABLE = "nobody.invalid";

export const NO_ROUTE: Route = { active: "green", hosts: {} };
export const otherSlot = (slot: Slot): Slot => (slot === "blue" ? "green" : "blue");

/** Returns HAProxy's configuration for a route. A switch at run time also rewrites it, for the next start. */
export function haproxyConfig(route: Route, servicePort: number): string {
  const server = (slot: Slot) =>
    `  server ${slot} ${route.hosts[slot] ?? UNRESOLVABLE}:${servicePort} resolvers docker resolve-prefer ipv4 init-addr none` +
    (slot === route.active && route.hosts[slot] ? "" : " disabled");
  return [
    `# route ${JSON.stringify(route)}`,
    "global",
    "  log stdout format raw daemon notice",
    "  maxconn 2000",
    `  stats socket ipv4@127.0.0.1:${CONTROL_PORT} level admin`,
    "defaults",
    "  mode http",
    "  log global",
    "  option http-keep-alive",
    "  option forwardfor",
    // A failed connection attempt has carried no request, so it can be retried.
    "  retries 5",
    "  retry-on conn-failure",
    "  timeout connect 2s",
    "  timeout http-request 30s",
    "  timeout client 75s",
    "  timeout server 75s",
    "  timeout queue 10s",
    "resolvers docker",
    "  nameserver engine 127.0.0.11:53",
    "  hold valid 1s",
    "  timeout resolve 1s",
    "  timeout retry 250ms",
    "frontend public",
    `  bind :${GATEWAY_PORT}`,
    "  default_backend inference",
    "backend inference",
    server("blue"),
    server("green"),
    "",
  ].join("\n");
}

/** Reads the route from a configuration; NO_ROUTE if it is empty. */
export function routeOf(config: string): Route {
  const [, json] = /^# route (\{.*\})$/m.exec(config) ?? [];
  return json ? (JSON.parse(json) as Route) : NO_ROUTE;
}

export interface ServerState {
  /** Undefined until it is resolved. */
  readonly address: string | undefined;
  readonly host: string;
  /** Whether it takes requests. */
  readonly up: boolean;
}

/** Bits of `srv_admin_state`: maintenance forced or inherited, draining forced or inherited, no address. Other bits are historical. */
const NOT_SERVING = 0x01 | 0x02 | 0x08 | 0x10 | 0x20;

/** Parses the output of `show servers state inference`: a version, a line of column names, one line per server. */
export function parseServers(answer: string): Map<string, ServerState> {
  const lines = answer.split("\n");
  const columns =
    lines
      .find((line) => line.startsWith("# "))
      ?.slice(2)
      .split(" ") ?? [];
  const servers = new Map<string, ServerState>();
  for (const line of lines) {
    const values = line.split(" ");
    if (line.startsWith("#") || values.length < columns.length) continue;
    const cell = (column: string) => values[columns.indexOf(column)] ?? "";
    const address = cell("srv_addr");
    servers.set(cell("srv_name"), {
      address: address === "-" || address === "0.0.0.0" ? undefined : address,
      host: cell("srv_fqdn"),
      up: cell("srv_op_state") === "2" && (Number(cell("srv_admin_state")) & NOT_SERVING) === 0,
    });
  }
  return servers;
}
