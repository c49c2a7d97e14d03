// Runs inside the container, by `docker exec`: prints as JSON what container-proofs.ts calls InsideContainer.
const fs = require("node:fs");

const first = (...paths) => {
  for (const path of paths)
    try {
      return fs.readFileSync(path, "utf8").trim();
    } catch {
      // The two versions of control groups use different paths.
    }
  return "max";
};
// Version 1 writes "no limit" as a number near 2^63.
const limit = (text) => (text === "max" || Number(text) > 2 ** 53 ? -1 : Number(text));
const cpus = () => {
  const [quota, period] = first("/sys/fs/cgroup/cpu.max").split(" ");
  if (period) return quota === "max" ? -1 : Number(quota) / Number(period);
  const old = limit(first("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
  return old <= 0 ? -1 : old / Number(first("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
};
const status = (key) =>
  new RegExp(`^${key}:\\s*(\\S+)`, "m").exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
const rootWritable = () => {
  try {
    fs.writeFileSync("/app/.write", "");
    fs.rmSync("/app/.write");
    return true;
  } catch (error) {
    // Only EROFS proves a read-only image: other errors may come from the folder's permissions.
    return error.code !== "EROFS";
  }
};
const installed = (folder, found = {}, prefix = "") => {
  const modules = `${folder}/node_modules`;
  if (!fs.existsSync(modules)) return found;
  const names = fs
    .readdirSync(modules)
    .flatMap((name) =>
      name.startsWith("@") ? fs.readdirSync(`${modules}/${name}`).map((sub) => `${name}/${sub}`) : [name],
    )
    .filter((name) => !name.startsWith("."));
  for (const name of names) {
    const path = `${prefix}${name}`;
    found[path] = JSON.parse(fs.readFileSync(`${modules}/${name}/package.json`, "utf8")).version;
    installed(`${modules}/${name}`, found, `${path}/node_modules/`);
  }
  return found;
};
const locked = () => {
  const { packages } = JSON.parse(fs.readFileSync("/app/package-lock.json", "utf8"));
  const paths = Object.keys(packages).filter((path) => path !== "");
  return Object.fromEntries(paths.map((path) => [path.slice("node_modules/".length), packages[path].version]));
};

console.log(
  JSON.stringify({
    memoryLimit: limit(first("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")),
    memoryPeak: Number(
      first(
        "/sys/fs/cgroup/memory.peak",
        "/sys/fs/cgroup/memory/memory.max_usage_in_bytes",
        "/sys/fs/cgroup/memory.current",
      ),
    ),
    cpus: cpus(),
    pids: limit(first("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")),
    uid: process.getuid(),
    capabilities: status("CapEff"),
    noNewPrivileges: status("NoNewPrivs") === "1",
    rootWritable: rootWritable(),
    node: process.versions.node,
    installed: installed("/app"),
    locked: locked(),
  }),
);
