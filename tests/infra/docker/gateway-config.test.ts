import { expect, test } from "vitest";
import {
  haproxyConfig,
  NO_ROUTE,
  otherSlot,
  parseServers,
  routeOf,
} from "../../../infra/targets/docker/haproxy-config.ts";

test("writes a route into the configuration and reads it back", () => {
  const route = { active: "blue", hosts: { blue: "staging-service-1" } } as const;
  const config = haproxyConfig(route, 8000);
  expect(routeOf(config)).toEqual(route);
  expect(config).toMatch(/^ {2}server blue staging-service-1:8000 .*init-addr none$/m);
  expect(config).toMatch(/^ {2}server green nobody\.invalid:8000 .* disabled$/m);
  expect(routeOf("")).toEqual(NO_ROUTE);
  expect(otherSlot("blue")).toBe("green");
});

test("accepts no requests without a route, and restricts the runtime API to the container", () => {
  const config = haproxyConfig(NO_ROUTE, 8000);
  expect(config.match(/nobody\.invalid:8000 .* disabled$/gm)).toHaveLength(2);
  expect(config).toContain("stats socket ipv4@127.0.0.1:9999");
});

// Response of HAProxy 2.6.12 to `show servers state inference`.
const COLUMNS =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change " +
  "srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn " +
  "srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";
const server = (name: string, address: string, operational: number, administrative: number, host: string) =>
  `3 inference 1 ${name} ${address} ${operational} ${administrative} 1 1 15 1 0 0 8 0 0 0 ${host} 8000 - 0 0 - - 0`;

test("a server is up if it runs and is neither in maintenance nor draining, regardless of its past states", () => {
  const states = (operational: number, administrative: number) =>
    parseServers(["1", COLUMNS, server("blue", "172.19.0.3", operational, administrative, "a"), ""].join("\n")).get(
      "blue",
    )?.up;
  // 4: was disabled in the file; 64: its name was changed at run time.
  expect(states(2, 4 | 64)).toBe(true);
  expect([states(0, 64), states(2, 1), states(2, 8), states(2, 32)]).toEqual([false, false, false, false]);
  const answer = ["1", COLUMNS, server("green", "-", 0, 37, "nobody.invalid"), ""].join("\n");
  expect(parseServers(answer)).toEqual(new Map([["green", { address: undefined, host: "nobody.invalid", up: false }]]));
});
