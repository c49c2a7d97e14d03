import { parseArgs } from "node:util";
import { toYaml, writeManifests } from "./manifest-files.ts";
import { type Assumptions, manifestsOf, runStack, UNKNOWN } from "./render-stack.ts";
import { readStackConfig } from "./stack-config.ts";

const USAGE = `npm run render -- <stack> [--out <folder>] [--image <name@sha256:...>] [--version <version>] [--sha256 <digest>]

Writes the stack's Kubernetes objects as YAML to stdout, or to a folder with one file per object. Requires no cluster, plugin or CLI.
Values that only an update knows (image, version, digest of the model) are zeros unless they are given. Secrets are "(secret-not-decrypted)", and
an encrypted mlflow.backendStoreUri is assumed to be PostgreSQL on its default port.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string" },
      image: { type: "string" },
      version: { type: "string" },
      sha256: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const [stack, ...more] = positionals;
  if (values.help || !stack || more.length > 0) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const { image = UNKNOWN.image, version = UNKNOWN.version, sha256 = UNKNOWN.sha256 } = values;
  const assumed: Assumptions = { image, version, sha256 };
  const manifests = manifestsOf(await runStack(stack, await readStackConfig(stack), assumed));
  if (values.out) await writeManifests(values.out, manifests);
  else process.stdout.write(manifests.map((manifest) => `---\n${toYaml(manifest)}`).join(""));
  const where = values.out ? ` in ${values.out}` : "";
  const seconds = (performance.now() / 1000).toFixed(1);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = ((user + system) / 1e6).toFixed(1);
  process.stderr.write(`${manifests.length} objects of stack ${stack}${where}, ${seconds} s (CPU: ${cpuSeconds} s)\n`);
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
