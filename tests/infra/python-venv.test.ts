import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { ensurePythonVenv, hashOf, requirePython } from "../../infra/targets/local/python-venv.mjs";

async function folderOf(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "python-venv-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

function withPython(path: string) {
  vi.stubEnv("PYTHON", path);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

test("hashes the content of the requirements, not their paths", async () => {
  const [one, other] = [await folderOf({ "a.txt": "mlflow==3.1\n" }), await folderOf({ "b.txt": "mlflow==3.1\n" })];
  const hash = await hashOf([join(one, "a.txt")]);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await hashOf([join(other, "b.txt")])).toBe(hash);
  await writeFile(join(one, "a.txt"), "mlflow==3.2\n");
  expect(await hashOf([join(one, "a.txt")])).not.toBe(hash);
});

test("names a missing requirements file", async () => {
  await expect(hashOf(["no/such/requirements.txt"])).rejects.toThrow("no/such/requirements.txt");
});

test("says what is required if there is no Python, and keeps the existing folder", async () => {
  withPython("/no/such/python3");
  const folder = await folderOf({ "requirements.txt": "x", keep: "" });
  await expect(ensurePythonVenv({ folder, requirements: [join(folder, "requirements.txt")] })).rejects.toThrow(
    "Python 3.10 or newer is required for the MLflow server; found none. " +
      "Install it, or name the interpreter: PYTHON=/path/to/python3",
  );
  expect(existsSync(join(folder, "keep"))).toBe(true);
});

test.each(["3.9", "2.7"])("names a Python that is too old: %s", async (version) => {
  const folder = await folderOf({ "requirements.txt": "x", python: `#!/bin/sh\necho ${version}\n` });
  const python = join(folder, "python");
  await chmod(python, 0o755);
  withPython(python);
  await expect(
    ensurePythonVenv({ folder: join(folder, "venv"), requirements: [join(folder, "requirements.txt")] }),
  ).rejects.toThrow(`found ${python} is ${version}. Install it`);
});

test("keeps an environment with the same requirements, and recreates one without an interpreter", async () => {
  withPython("/no/such/python3");
  const folder = await folderOf({ "requirements.txt": "x", interpreter: "" });
  const requirements = [join(folder, "requirements.txt")];
  const venv = join(folder, "venv");
  await mkdir(join(venv, "bin"), { recursive: true });
  await symlink(join(folder, "interpreter"), join(venv, "bin", "python"));
  await writeFile(join(venv, "pyvenv.cfg"), "");
  await writeFile(join(venv, ".requirements.sha256"), await hashOf(requirements));
  expect(await ensurePythonVenv({ folder: venv, requirements })).toBe(join(venv, "bin", "python"));
  await rm(join(folder, "interpreter"));
  await expect(ensurePythonVenv({ folder: venv, requirements })).rejects.toThrow("Python 3.10 or newer is required");
});

test("accepts an environment with more packages than required", async () => {
  const folder = await folderOf({ "server.txt": "x", "tests.txt": "y", interpreter: "" });
  const [server, tests] = [join(folder, "server.txt"), join(folder, "tests.txt")];
  const venv = join(folder, "venv");
  await mkdir(join(venv, "bin"), { recursive: true });
  await symlink(join(folder, "interpreter"), join(venv, "bin", "python"));
  await writeFile(join(venv, ".requirements.sha256"), [await hashOf([server]), await hashOf([tests])].join("\n"));
  expect(await ensurePythonVenv({ folder: venv, requirements: [server] })).toBe(join(venv, "bin", "python"));
});

test("removes no folder that is not a Python environment", async () => {
  const folder = await folderOf({ "requirements.txt": "x", precious: "" });
  await expect(ensurePythonVenv({ folder, requirements: [join(folder, "requirements.txt")] })).rejects.toThrow(
    "is not a Python environment and is not empty",
  );
  expect(existsSync(join(folder, "precious"))).toBe(true);
});

test("says how to create an environment that must exist", async () => {
  await expect(requirePython("no/such/venv")).rejects.toThrow(
    "there is no Python environment in no/such/venv; create it with: npm run setup:python",
  );
});

test("does not replace a Python environment that it did not create", async () => {
  const folder = await folderOf({ "requirements.txt": "x", "pyvenv.cfg": "", precious: "" });
  const making = ensurePythonVenv({ folder, requirements: [join(folder, "requirements.txt")] });
  await expect(making).rejects.toThrow(
    `${folder} is a Python environment that this project did not create and would replace: name another folder, or remove it`,
  );
  expect(existsSync(join(folder, "precious"))).toBe(true);
});

test("recreates an environment whose creation was interrupted", async () => {
  const folder = await folderOf({ "requirements.txt": "no-such-package-of-a-test==1\n" });
  const [venv, requirements] = [join(folder, "venv"), [join(folder, "requirements.txt")]];
  const stopped = await folderOf({ python: '#!/bin/sh\ncase "$1" in -c) echo 3.11;; *) exit 7;; esac\n' });
  await chmod(join(stopped, "python"), 0o755);
  withPython(join(stopped, "python"));
  for (const _ of ["first", "second"])
    await expect(ensurePythonVenv({ folder: venv, requirements })).rejects.toThrow(
      "cannot create a virtual environment",
    );
});
