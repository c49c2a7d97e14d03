import { execFile } from "node:child_process";
import { readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { testPython } from "../../helpers/python.ts";
import { standIn } from "./stand-in.ts";

const run = promisify(execFile);
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
/** CA certificates, for a network with its own authority. */
const certificates = process.env.NODE_EXTRA_CA_CERTS;
const trusted = { ...(certificates && { [AUTHORITIES]: certificates }) };
/** C++ libraries that native packages expect in an image. */
const NATIVE = join("node_modules/onnxruntime-node/bin/napi-v6/linux", process.arch, "libonnxruntime.so.1");

/** Verified images, because a verification takes seconds and is needed only once per process. */
const once = (make: () => Promise<string>) => {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** Node 24 and npm, as in node:24-slim. */
export const nodeStandIn = once(async () => {
  const { stdout } = await run("/bin/sh", ["-c", "command -v npm"]);
  const npm = dirname(dirname(realpathSync(stdout.trim())));
  return standIn(NODE, {
    programs: { "/usr/local/bin/node": process.execPath },
    librariesOf: [NATIVE],
    files: { "/usr/local/lib/node_modules/npm": npm, ...trusted },
    links: { "/usr/local/bin/npm": "../lib/node_modules/npm/bin/npm-cli.js" },
    environment: {
      NODE_VERSION: process.versions.node,
      ...(certificates && { NODE_EXTRA_CA_CERTS: AUTHORITIES }),
    },
  });
});
export const NODE = "stand-in/node:24-slim";

/** HAProxy, as in haproxy:3-alpine, whose shell and nc are also BusyBox's. */
export const haproxyStandIn = () =>
  standIn("stand-in/haproxy:alpine", {
    programs: { "/usr/local/sbin/haproxy": "/usr/sbin/haproxy" },
    environment: { PATH: HAPROXY_PATH },
  });
const HAPROXY_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Python and pip, as in python:3-slim. */
export async function pythonStandIn(): Promise<string> {
  const python = await testPython();
  const { stdout } = await run(python, ["-c", WHERE]);
  const { executable, standard, version, pip } = JSON.parse(stdout) as Record<string, string>;
  if (!executable || !standard || !pip) throw new Error(`${python} does not report its paths: ${stdout}`);
  const library = `/usr/local/lib/python${version}`;
  const parts = readdirSync(standard).filter((part) => !LEFT_OUT.has(part));
  const extensions = readdirSync(join(standard, "lib-dynload")).map((file) => join(standard, "lib-dynload", file));
  return standIn("stand-in/python:3-slim", {
    programs: { [`/usr/local/bin/python${version}`]: realpathSync(executable) },
    librariesOf: [NATIVE, ...extensions],
    files: {
      ...Object.fromEntries(parts.map((part) => [join(library, part), join(standard, part)])),
      // In the standard library's folder, because the folder of other packages differs between systems.
      [join(library, "pip")]: pip,
      ...trusted,
    },
    scripts: { "/usr/local/bin/pip": '#!/bin/sh\nexec python -m pip "$@"\n' },
    links: { "/usr/local/bin/python": `python${version}`, "/usr/local/bin/python3": `python${version}` },
    environment: {
      PATH: "/usr/local/bin:/usr/local/local/bin:/usr/bin:/bin",
      ...(certificates && { PIP_CERT: AUTHORITIES }),
    },
  });
}

const WHERE = `
import importlib.util as u, json, os, sys, sysconfig
pip = u.find_spec("pip")
print(json.dumps({
  "executable": sys._base_executable, "standard": sysconfig.get_paths()["stdlib"],
  "version": sysconfig.get_python_version(), "pip": os.path.dirname(pip.origin) if pip else None,
}))`;
/** Installed packages, tests, and the marker file by which some systems block pip. */
const LEFT_OUT = new Set(["site-packages", "dist-packages", "test", "EXTERNALLY-MANAGED", "__pycache__"]);
