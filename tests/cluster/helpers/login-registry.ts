import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../../infra/targets/run-program.ts";

/** A registry with a login that this machine's Docker engine and the cluster's nodes reach by the same name. */
export interface LoginRegistry {
  /** `host:port` */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

/** Reads CLUSTER_LOGIN_REGISTRY, `user:password@host:port`; undefined if it is not set. */
export function loginRegistry(): LoginRegistry | undefined {
  const [, user, password, address] = /^([^:]+):(.+)@([^@]+)$/.exec(process.env.CLUSTER_LOGIN_REGISTRY ?? "") ?? [];
  return user && password && address ? { address, user, password } : undefined;
}

/** Runs a function while the docker command is logged in. @throws Error if the registry refuses the login */
export async function loggedIn<Answer>(
  { address, user, password }: LoginRegistry,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "docker-"));
  const before = process.env.DOCKER_CONFIG;
  process.env.DOCKER_CONFIG = folder;
  try {
    const { code, stderr } = await runProgram(
      "docker",
      ["login", "--username", user, "--password-stdin", address],
      password,
    );
    if (code !== 0) throw new Error(`docker login ${address}: ${stderr.trim()}`);
    return await run();
  } finally {
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
    await rm(folder, { recursive: true, force: true });
  }
}
