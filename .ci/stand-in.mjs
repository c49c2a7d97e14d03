// Stands in for the service and for MLflow where only their objects are tried: answers every request, and exits on SIGTERM.
import { createServer } from "node:http";

const server = createServer((_, response) => response.end("ok")).listen(Number(process.argv[2]));
process.on("SIGTERM", () => server.close());
