// Loaded into every process that the engine starts: its standard input is a pipe that ends when the engine does.
process.stdin.on("end", () => process.exit(1));
process.stdin.resume();
process.stdin.unref();
