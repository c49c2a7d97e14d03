import { isIPv6 } from "node:net";

/** Host for a port that is published on every address. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Returns the host, as in a URL, by which this machine reaches a port published on an address. */
export function reachableHost(address: string): string {
  const host = LOOPBACK[address] ?? address;
  return isIPv6(host) ? `[${host}]` : host;
}
