import { availableParallelism, loadavg } from "node:os";

/** Returns the machine's load per core, including other work; at least 1. */
export const overload = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/**
 * Returns how many requests a switch on target local may fail: none, unless the machine is overloaded. A connection that arrives between
 * the old process's last accept and the close of its socket is reset. If the process waits for a CPU at that moment, the microseconds
 * become milliseconds.
 */
export const allowedPerSwitch = (): number => (overload() > 1.5 ? 1 : 0);
