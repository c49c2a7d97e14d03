/**
 * Node's HTTP, not by `import`: that reads each of the module's exports, among them WebSocket, and so loads undici and HTTP/2, a fifth of the service's
 * start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http");
