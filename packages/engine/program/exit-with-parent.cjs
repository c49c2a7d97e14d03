// Loaded into every child process: its standard input is a pipe that closes when the engine exits.
process.stdin.on("end", () => process.exit(1));
process.stdin.resume();
process.stdin.unref();
