import { execFile, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What of this machine goes into a stand-in image. */
interface Parts {
  /** Programs by their place in the image; their shared libraries come along. */
  readonly programs: Readonly<Record<string, string>>;
  /** Programs or libraries whose shared libraries are needed, and not they themselves. */
  readonly librariesOf?: readonly string[];
  /** Files and folders by their place in the image. */
  readonly files?: Readonly<Record<string, string>>;
  /** Symbolic links: target by place. */
  readonly links?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** For images that cannot be pulled here: an image of this machine's own programs. */
export async function standIn(
  name: string,
  { programs, librariesOf = [], files = {}, links = {}, environment = {} }: Parts,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "stand-in-"));
  try {
    const put = async (source: string, place: string) => {
      await mkdir(dirname(join(root, place)), { recursive: true });
      await cp(source, join(root, place), { recursive: true, dereference: true });
    };
    for (const [place, source] of Object.entries(programs)) {
      await put(source, place);
    }
    for (const source of [...Object.values(programs), ...librariesOf])
      for (const library of await libraries(source)) await put(library, library);
    for (const [place, source] of Object.entries(files)) await put(source, place);
    // A shell and what a Dockerfile calls.
    await put("/bin/busybox", "/bin/busybox");
    const { stdout } = await run("/bin/busybox", ["--list"]);
    for (const applet of stdout.trim().split("\n"))
      if (applet !== "busybox") await symlink("busybox", join(root, "bin", applet));
    for (const folder of ["tmp", "etc", "root", "usr/bin"]) await mkdir(join(root, folder), { recursive: true });
    await chmod(join(root, "tmp"), 0o1777);
    await symlink("/bin/env", join(root, "usr/bin/env"));
    for (const [place, target] of Object.entries(links)) await symlink(target, join(root, place));
    await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    const changes = Object.entries({ PATH: "/usr/local/bin:/usr/bin:/bin", ...environment });
    await importImage(root, name, changes);
    return name;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Node 24 and npm, as in node:24-slim. */
export function nodeStandIn(name = "stand-in/node:24-slim"): Promise<string> {
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  return npmFolder().then((npm) =>
    standIn(name, {
      programs: { "/usr/local/bin/node": process.execPath },
      librariesOf: [join("node_modules/onnxruntime-node/bin/napi-v6/linux", process.arch, "libonnxruntime.so.1")],
      files: {
        "/usr/local/lib/node_modules/npm": npm,
        // A network that signs with an authority of its own.
        ...(certificates && { "/etc/ssl/certs/ca-certificates.crt": certificates }),
      },
      links: { "/usr/local/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js" },
      environment: {
        NODE_VERSION: process.versions.node,
        ...(certificates && { NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt" }),
      },
    }),
  );
}

/** HAProxy, as in haproxy:3-alpine: its shell and nc are BusyBox's there, too. */
export const haproxyStandIn = (name = "stand-in/haproxy:alpine") =>
  standIn(name, { programs: { "/usr/local/sbin/haproxy": "/usr/sbin/haproxy" }, environment: { PATH: HAPROXY_PATH } });
const HAPROXY_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The folder of the npm that PATH names. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run("/bin/sh", ["-c", "command -v npm"]);
  return dirname(dirname(await realpath(stdout.trim())));
}

async function libraries(program: string): Promise<string[]> {
  const { stdout } = await run("ldd", [program]).catch(() => ({ stdout: "" }));
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => (path ? [path] : []));
}

async function importImage(root: string, name: string, environment: readonly (readonly [string, string])[]) {
  const changes = environment.flatMap(([key, value]) => ["--change", `ENV ${key}=${value}`]);
  const tar = spawn("tar", [
    "-C",
    root,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "-cf",
    "-",
    ...(await readdir(root)),
  ]);
  const docker = spawn("docker", ["import", ...changes, "-", name], { stdio: ["pipe", "ignore", "pipe"] });
  tar.stdout.pipe(docker.stdin);
  let said = "";
  docker.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise((done, fail) => docker.on("error", fail).on("close", done));
  if (code !== 0) throw new Error(`docker import of ${name} ended with exit code ${code}: ${said}`);
}
