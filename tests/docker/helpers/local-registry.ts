import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../helpers/free-port.ts";

export interface LocalRegistry extends AsyncDisposable {
  /** `localhost:<port>`, which Docker accepts without TLS. */
  readonly address: string;
}

/** An empty image registry on the loopback interface. */
export async function startRegistry(): Promise<LocalRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "image-registry-"));
  const port = await freePort();
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: `127.0.0.1:${port}` },
  };
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  const server = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  const dispose = async () => {
    if (server.exitCode === null && server.kill("SIGKILL")) await once(server, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/v2/`).then(
      (response) => response.ok,
      () => false,
    );
  for (let tries = 0; tries < 100; tries++) {
    if (await answers()) return { address: `localhost:${port}`, [Symbol.asyncDispose]: dispose };
    await sleep(100);
  }
  await dispose();
  throw new Error(`docker-registry did not respond on port ${port}`);
}
