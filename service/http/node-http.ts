/**
 * Node's HTTP without `import`, which would evaluate every export of the module, among them WebSocket, and so load undici and HTTP/2: a fifth of the
 * service's startup time.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http");
