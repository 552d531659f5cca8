"""Make `.venv` and install Casework into it from the pinned constraints: `install.py [preview|dev]`.

Runs on whichever Python calls it, however old, so that the one line it fails with can be read. The second time it finds
its stamp and is done.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(HERE, ".venv")
SUPPORTED = [(3, 12), (3, 11)]
CANDIDATES = ["python3.12", "python3.11", "python3", "python", sys.executable]


def fail(line):
    sys.stderr.write("casework: " + line + "\n")
    sys.exit(1)


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def version(interpreter):
    """(major, minor) of an interpreter, or None where it does not run: a name that exists may still fail."""
    try:
        out = subprocess.check_output(
            [interpreter, "-c", "import sys; print(sys.version_info[0], sys.version_info[1])"],
            stderr=subprocess.DEVNULL,
        )
        major, minor = out.decode().split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def pyenv_interpreters():
    """A pyenv keeps interpreters that are not on the PATH by name."""
    root = os.path.join(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"), "versions")
    if not os.path.isdir(root):
        return []
    return [os.path.join(root, one, "bin", "python3") for one in sorted(os.listdir(root), reverse=True)]


def choose():
    wanted = os.environ.get("PYTHON")
    names = [wanted] if wanted else CANDIDATES + pyenv_interpreters()
    found = {}
    for name in names:
        path = shutil.which(name)
        number = version(path) if path else None
        if number and number not in found:
            found[number] = path
    for number in SUPPORTED:
        if number in found:
            return number, found[number]
    seen = ", ".join("%d.%d" % one for one in sorted(found)) or "none that runs"
    fail("Python 3.11 or 3.12 is needed; found: %s. Name one with PYTHON=/path/to/python3.12" % seen)


def run(command, what):
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
        fail("%s failed: %s" % (what, " | ".join(lines[-3:]) or "no output"))


def stamp(kind, number):
    """What an installation depends on; the player's catalogs too, since installing compiles them."""
    digest = hashlib.sha256()
    names = ["setup.py", "pyproject.toml", "constraints/py%d%d.txt" % number, "scripts/install.py"]
    catalogs = sorted(glob.glob(os.path.join(HERE, "locale", "*", "blocks.po")))
    for path in [os.path.join(HERE, name) for name in names] + catalogs:
        with open(path, "rb") as source:
            digest.update(source.read())
    return os.path.join(VENV, ".casework-%s-%s" % (kind, digest.hexdigest()[:16]))


def stamped(kind, number):
    """A development environment holds everything that a preview needs."""
    kinds = [kind] if kind == "dev" else [kind, "dev"]
    return any(os.path.exists(stamp(one, number)) for one in kinds)


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "preview"
    inside = os.path.join(VENV, "bin", "python")
    have = version(inside) if os.path.exists(inside) else None
    if have in SUPPORTED and stamped(kind, have) and not os.environ.get("PYTHON"):
        return
    number, interpreter = choose()
    if have == number and stamped(kind, number):
        return
    if not os.access(HERE, os.W_OK):
        fail("%s cannot be written" % HERE)
    if version(interpreter) and subprocess.call(
        [interpreter, "-c", "import venv, ensurepip"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ):
        fail(
            "%s has no venv module; on Debian and Ubuntu: apt-get install python%d.%d-venv"
            % (interpreter, number[0], number[1])
        )
    if have != number:
        say("1/3  Making .venv with Python %d.%d" % number)
        try:
            shutil.rmtree(VENV, ignore_errors=True)
            run([interpreter, "-m", "venv", VENV], "making .venv")
        except OSError as error:
            fail("%s cannot be written: %s" % (VENV, error))
    constraints = "constraints/py%d%d.txt" % number
    say("2/3  Installing the installer")
    run([inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", constraints, "uv"], "pip")
    say("3/3  Installing Casework (%s) from %s; the first time this takes a minute" % (kind, constraints))
    uv = os.path.join(VENV, "bin", "uv")
    run([uv, "pip", "install", "--quiet", "--python", inside, "-c", constraints, "-e", ".[%s]" % kind], "installing")
    with open(stamp(kind, number), "w") as mark:
        mark.write("installed\n")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped")
