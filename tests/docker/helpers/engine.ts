import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { installed, missingOfPulumi } from "../../helpers/pulumi-cli.ts";

function engineAnswers(): boolean {
  try {
    execFileSync("docker", ["info"], { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

const missing = (needs: Readonly<Record<string, () => boolean>>) =>
  Object.entries(needs).flatMap(([name, there]) => (there() ? [] : [name]));

const ENGINE = {
  "a Docker engine that answers": engineAnswers,
  "busybox-static (for images that stand in for those that cannot be pulled)": () => existsSync("/bin/busybox"),
  haproxy: () => existsSync("/usr/sbin/haproxy"),
};

/** What this machine lacks for tests on a Docker engine. */
export const missingForEngine = (): string[] => missing(ENGINE);

/** What this machine lacks for tests of the whole target on the official CLI. */
export const missingForCli = (): string[] => [
  ...missingForEngine(),
  ...(installed("docker-registry") ? [] : ["docker-registry"]),
  ...missingOfPulumi("docker", "command"),
];
