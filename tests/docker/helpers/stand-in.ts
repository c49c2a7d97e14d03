import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { docker } from "../../../infra/targets/docker/docker-cli.ts";

const run = promisify(execFile);

/** Files of this machine for a stand-in image. */
interface Parts {
  /** Programs by path in the image; their shared libraries are included. */
  readonly programs: Readonly<Record<string, string>>;
  /** Programs or libraries of which only the shared libraries are included. */
  readonly librariesOf?: readonly string[];
  /** Files and folders by path in the image. */
  readonly files?: Readonly<Record<string, string>>;
  /** Scripts by path in the image. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** Targets of symbolic links by path in the image. */
  readonly links?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Label with the hash of a stand-in image's content, by which later tests reuse it like a pulled image. */
const CONTENT = "stand-in.content";

/** Builds an image of this machine's own programs, for images that cannot be pulled here. The same programs give the same image. */
export async function standIn(
  name: string,
  { programs, librariesOf = [], files = {}, scripts = {}, links = {}, environment = {} }: Parts,
): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), "stand-in-"));
  const root = join(work, "root");
  try {
    const put = async (source: string, place: string) => {
      await mkdir(dirname(join(root, place)), { recursive: true });
      await cp(source, join(root, place), {
        recursive: true,
        dereference: true,
        filter: (path) => !NO_PART.test(path),
      });
    };
    for (const [place, source] of Object.entries({ ...programs, ...files })) await put(source, place);
    for (const source of [...Object.values(programs), ...librariesOf])
      for (const library of await libraries(source)) await put(library, library);
    // A shell, and commands that Dockerfiles use.
    await put("/bin/busybox", "/bin/busybox");
    const { stdout } = await run("/bin/busybox", ["--list"]);
    for (const applet of stdout.trim().split("\n"))
      if (applet !== "busybox") await symlink("busybox", join(root, "bin", applet));
    for (const folder of ["tmp", "etc", "root", "usr/bin"]) await mkdir(join(root, folder), { recursive: true });
    await symlink("/bin/env", join(root, "usr/bin/env"));
    for (const [place, text] of Object.entries(scripts)) await writeFile(join(root, place), text, { mode: 0o755 });
    for (const [place, target] of Object.entries(links)) await symlink(target, join(root, place));
    await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    await chmod(join(root, "tmp"), 0o1777);
    const tar = join(work, "image.tar");
    const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"];
    await run("tar", ["-C", root, ...same, "-cf", tar, ...(await readdir(root))]);
    return await importImage(tar, name, { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Files that programs create when they run. */
const NO_PART = /\/__pycache__(\/|$)/;

/** Returns the shared libraries of a program, as the machine's linker resolves them. */
async function libraries(program: string): Promise<string[]> {
  const { stdout } = await run("ldd", [program]).catch(() => ({ stdout: "" }));
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => (path ? [path] : []));
}

async function importImage(tar: string, name: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(environment));
  await pipeline(createReadStream(tar), hash);
  const content = hash.digest("hex");
  const label = ["image", "inspect", "--format", `{{index .Config.Labels "${CONTENT}"}}`, name];
  if ((await docker(label).catch(() => "")).trim() === content) return name;
  const changes = [
    `LABEL ${CONTENT}=${content}`,
    ...Object.entries(environment).map(([key, value]) => `ENV ${key}=${value}`),
  ];
  await docker(["import", ...changes.flatMap((change) => ["--change", change]), tar, name]);
  return name;
}
