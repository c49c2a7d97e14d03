import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import type { Ran } from "../../helpers/project.ts";
import { installed } from "./engine.ts";

const PASSPHRASE = "passphrase-of-a-test";

/** Runs the machine's Pulumi CLI in a project's folder, which holds the state as well. */
export async function runCli(folder: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(installed("pulumi") ?? "pulumi", args, {
    cwd: folder,
    env: {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${resolve(folder)}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Every provider that a stack of this target has is installed; one that it has not, such as Kubernetes', is not fetched.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail).on("close", (code) => done(code ?? -1));
  });
  return { exitCode, output };
}
