"""ASReview's part of a screening task, run with the Python of its own environment.

`python -m bench.rivals.in_asreview JOB.json OUT.json`: the default model of the version in
the lock, one paper a query as `asreview simulate` does it, until so many relevant papers are
found; writes the order in which papers were read.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from asreview.learner import ActiveLearningCycle
from asreview.models.models import get_ai_config
from asreview.simulation.simulate import Simulate
from sklearn.exceptions import ConvergenceWarning


class Enough:
    """Stops when the wanted share of the relevant papers is found."""

    def __init__(self, wanted):
        self.wanted = wanted

    def stop(self, results, _labels):
        return results is not None and int(results["label"].sum()) >= self.wanted


def main():
    job_file, out = map(Path, sys.argv[1:])
    job = json.loads(job_file.read_text())
    warnings.simplefilter("ignore", ConvergenceWarning)
    texts = pd.DataFrame(job["papers"], columns=["title", "abstract"])
    runs = []
    for run in job["runs"]:
        began = time.process_time()
        simulation = Simulate(
            texts,
            pd.Series(run["relevant"]),
            ActiveLearningCycle.from_meta(get_ai_config()["value"]),
            stopper=Enough(run["wanted"]),
            print_progress=False,
        )
        simulation.label(run["priors"])
        simulation.review()
        read = simulation._results["record_id"].tolist()
        runs.append({"read": read, "seconds": round(time.process_time() - began, 1)})
    out.write_text(json.dumps({"model": get_ai_config()["name"], "runs": runs}))


if __name__ == "__main__":
    main()
