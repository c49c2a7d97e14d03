import { availableParallelism, loadavg } from "node:os";

/** How much more there is to do on this machine than it can do at once; 1 where it can. Others' work counts. */
export const overload = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/**
 * How many requests a switch on target local may fail: none, unless the machine is starved. A connection that comes between the old
 * process's last look at its socket and the socket's close is reset, and a process that waits for the processor in that moment
 * makes microseconds milliseconds.
 */
export const allowedPerSwitch = (): number => (overload() > 1.5 ? 1 : 0);
