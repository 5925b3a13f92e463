"""Virtual environments of the rivals' own: made once from a lock, never Kadai's."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DEFAULT = Path(tempfile.gettempdir()) / "kadai-rivals"
ONE_CORE = dict.fromkeys(
    (
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
    ),
    "1",
)  # fmt: skip
INSTALL_SECONDS = 1800


class RivalMissing(Exception):
    """The environment of a rival cannot be made here; says why."""


_missing: dict[str, RivalMissing] = {}  # what failed once is not tried for each fold


def python_of(name: str, folder: Path) -> Path:
    """Python of the environment that `<name>.txt` describes, made if it is not there."""
    venv, lock = folder / name, HERE / f"{name}.txt"
    stamp = venv / "installed"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return venv / "bin" / "python"
    if name in _missing:
        raise _missing[name]
    print(f"Installing {name} into {venv}, once …", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    try:
        _call([sys.executable, "-m", "venv", "--clear", str(venv)])
        _call([*pip, "--disable-pip-version-check", "--require-hashes", "-r", str(lock)])
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error)
        _missing[name] = RivalMissing(f"{name} cannot be installed: {said.strip()[-300:]}")
        raise _missing[name] from error
    stamp.write_text(lock.read_text())
    return venv / "bin" / "python"


def run(python: Path, script: str, job: dict, job_file: Path, out: Path, seconds: int) -> None:
    """One module of this folder under a rival's Python, on one core, with a low priority."""
    job_file.parent.mkdir(parents=True, exist_ok=True)
    job_file.write_text(json.dumps(job))
    module = f"{__package__}.{script}"
    command = ["nice", "-n", "10", str(python), "-m", module, str(job_file), str(out)]
    try:
        _call(command, timeout=seconds, cwd=job_file.parent)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise RivalMissing(f"{script} failed: {str(said).strip()[-300:]}") from error
    finally:
        job_file.unlink(missing_ok=True)


def _call(command: list[str], timeout: int = INSTALL_SECONDS, cwd: Path | None = None) -> None:
    subprocess.run(
        command,
        check=True,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=timeout,
        cwd=cwd,  # rivals leave files where they stand
        env={**os.environ, **ONE_CORE, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)},
    )
