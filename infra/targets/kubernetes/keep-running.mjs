// Restarts a command whenever it exits: `kubectl port-forward` exits with its pod, and its successor connects to another one.
//   node keep-running.mjs <program> <argument>...
import { spawn } from "node:child_process";

/** Keeps a command that fails immediately from using a whole core. */
const PAUSE_MS = 500;

const [program, ...args] = process.argv.slice(2);
let child;
let stopping = false;

function run() {
  child = spawn(program, args, { stdio: "inherit" });
  child.once("error", (error) => {
    console.error(`${program}: ${error.message}`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => {
    if (stopping) process.exit(0);
    console.error(`${program} exited (${signal ?? `exit code ${code}`}); restarting it`);
    setTimeout(run, PAUSE_MS);
  });
}

for (const signal of ["SIGTERM", "SIGINT"])
  process.on(signal, () => {
    stopping = true;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    else process.exit(0);
  });
run();
