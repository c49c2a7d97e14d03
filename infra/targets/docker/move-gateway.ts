import { setTimeout as sleep } from "node:timers/promises";
import { HealthAnswer } from "../../../service/contract.ts";
import { docker } from "./docker-cli.ts";
import {
  CONFIG_FILE,
  CONTROL_PORT,
  haproxyConfig,
  otherSlot,
  parseServers,
  type Route,
  routeOf,
  type Slot,
} from "./haproxy-config.ts";

export interface GatewayMove {
  readonly gateway: string;
  readonly upstream: string;
  readonly upstreamPort: number;
  readonly version: string;
  readonly url: string;
  readonly host?: string;
}

const SECONDS = { resolve: 15, drain: 30, answer: 10 };

/**
 * Moves traffic: the free slot gets the new container and takes requests, then the other slot
 * drains. Callers' connections stay open throughout.
 * @throws Error if callers do not reach the new version; they are then back on the old one
 */
export async function moveGateway(move: GatewayMove): Promise<void> {
  const { gateway, host, upstream, upstreamPort, version, url } = move;
  const call = { host };
  const inside = (command: string, input?: string) =>
    docker(["exec", "--interactive", "--user", "0", gateway, "sh", "-c", command], {
      ...call,
      ...(input !== undefined && { input }),
    });
  const control = (command: string) => inside(`nc 127.0.0.1 ${CONTROL_PORT}`, `${command}\n`);
  const set = async (slot: Slot, what: string) => {
    const answer = (await control(`set server inference/${slot} ${what}`)).trim();
    // On success, the runtime API prints nothing or what it changed; anything else is an error.
    if (answer !== "" && !/changed|no need to change/.test(answer))
      throw new Error(`the gateway refused to set ${slot} ${what}: ${answer}`);
  };

  const before = routeOf(await inside(`cat ${CONFIG_FILE} 2>/dev/null || true`));
  const old = before.hosts[before.active] === undefined ? undefined : before.active;
  if (old && before.hosts[old] === upstream) {
    // A new gateway with the same route: rewrites the configuration in the current format, for its next start.
    await inside(`cat > ${CONFIG_FILE}`, haproxyConfig(before, upstreamPort));
    return untilServed(url, version);
  }
  const next = otherSlot(before.active);
  const route: Route = { active: next, hosts: { [next]: upstream } };
  await inside(`cat > ${CONFIG_FILE}.next && haproxy -c -f ${CONFIG_FILE}.next`, haproxyConfig(route, upstreamPort));
  try {
    await set(next, `fqdn ${upstream}`);
    const address = await addressOf(upstream, gateway, host);
    await until(`${upstream} has the address ${address} in the gateway`, SECONDS.resolve, async () => {
      const state = parseServers(await control("show servers state inference")).get(next);
      return state?.host === upstream && state.address === address;
    });
    await set(next, "state ready");
    await until(`${upstream} takes requests`, SECONDS.resolve, async () =>
      Boolean(parseServers(await control("show servers state inference")).get(next)?.up),
    );
    if (old) await set(old, "state drain");
    await untilServed(url, version);
    if (old) {
      await until("the old container has answered its requests", SECONDS.drain, async () => {
        const stat = await control(`show stat inference -1 -1 json`);
        return currentSessions(stat, old) === 0;
      });
      await set(old, "state maint");
    }
    await inside(`mv -f ${CONFIG_FILE}.next ${CONFIG_FILE}`);
  } catch (cause) {
    if (old) await set(old, "state ready");
    await set(next, "state maint");
    const outcome = old ? `Callers reach ${before.hosts[old]} as before` : "Callers reach no container, as before";
    throw new Error(`${url} could not be moved to ${upstream}: ${(cause as Error).message}. ${outcome}`, { cause });
  }
}

/** Returns a container's address on a network that it shares with the gateway. */
async function addressOf(container: string, gateway: string, host: string | undefined): Promise<string> {
  const networks = async (name: string): Promise<Record<string, { IPAddress: string }>> =>
    JSON.parse(await docker(["inspect", "--format", "{{json .NetworkSettings.Networks}}", name], { host }));
  const [own, gatewayNetworks] = [await networks(container), await networks(gateway)];
  const shared = Object.keys(own).find((network) => network in gatewayNetworks);
  const address = shared && own[shared]?.IPAddress;
  if (!address) throw new Error(`${container} shares no network with the gateway`);
  return address;
}

function currentSessions(stat: string, slot: Slot): number {
  const rows = JSON.parse(stat) as { field: { name: string }; value: { value: number | string } }[][];
  const row = rows.find((fields) => fields.some(({ field, value }) => field.name === "svname" && value.value === slot));
  return Number(row?.find(({ field }) => field.name === "scur")?.value.value ?? 0);
}

const untilServed = (url: string, version: string) =>
  until(`${url}/health reports version ${version}`, SECONDS.answer, async () => {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok && HealthAnswer.parse(await response.json()).version === version;
  });

async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  let why = "";
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; await sleep(50)) {
    try {
      if (await holds()) return;
    } catch (error) {
      why = ` (${(error as Error).message})`;
    }
  }
  throw new Error(`timed out after ${seconds} s waiting until ${what}${why}`);
}
