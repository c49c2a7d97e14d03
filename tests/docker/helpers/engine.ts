import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The folders of PATH without npm's: its `pulumi` is a script that downloads the CLI. */
const FOLDERS = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));

/** Where a program that is installed on the machine is. */
export const installed = (program: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
const onPath = (program: string) => installed(program) !== undefined;

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

/** What it lacks for the whole target on the official CLI. */
export const missingForCli = (): string[] => [
  ...missingForEngine(),
  ...missing({
    "docker-registry": () => onPath("docker-registry"),
    "the Pulumi CLI (pulumi)": () => onPath("pulumi") && onPath("pulumi-language-nodejs"),
    "its docker provider (pulumi-resource-docker)": () => onPath("pulumi-resource-docker"),
    "its command provider (pulumi-resource-command)": () => onPath("pulumi-resource-command"),
  }),
];
