import { isIPv6 } from "node:net";

/** Where a port that is published on every address is reached from this machine. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Host, as a URL has it, by which this machine reaches what is published on an address. */
export function reachableHost(address: string): string {
  const host = LOOPBACK[address] ?? address;
  return isIPv6(host) ? `[${host}]` : host;
}
