// Creates the Python environment of target local: node infra/targets/local/python-venv-cli.ts [folder] [requirements...]
import { ensurePythonVenv } from "./python-venv.mjs";

const [folder = ".venv", ...requirements] = process.argv.slice(2);
try {
  const python = await ensurePythonVenv({
    folder,
    requirements: requirements.length > 0 ? requirements : ["infra/targets/local/requirements.txt"],
    log: (line) => console.error(line),
  });
  console.log(python);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
