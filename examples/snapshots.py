"""Writes the examples' snapshots and their DVC pointers, from the packages that ship the data, to `data/` of each example.

    npm run setup:python -- .venv-examples examples/requirements.txt && .venv-examples/bin/python -m examples.snapshots [folder]
"""

import hashlib
import sys
from pathlib import Path

import pandas as pd
from palmerpenguins import load_penguins
from sklearn.datasets import load_breast_cancer, load_diabetes


def breast_cancer():
    bunch = load_breast_cancer(as_frame=True)
    return bunch.data.assign(diagnosis=bunch.target.map(dict(enumerate(bunch.target_names))))


TABLES = {
    "penguins": load_penguins,
    "diabetes": lambda: load_diabetes(as_frame=True, scaled=False).frame,
    "breast-cancer": breast_cancer,
}

POINTER = """outs:
- md5: {md5}
  size: {size}
  hash: md5
  path: {name}
  cache: false
"""


def write(table: pd.DataFrame, file: Path):
    # Keeps whole numbers whole in columns with missing values.
    content = table.convert_dtypes().to_csv(index=False, na_rep="NA", lineterminator="\n").encode()
    file.write_bytes(content)
    pointer = POINTER.format(md5=hashlib.md5(content).hexdigest(), size=len(content), name=file.name)
    file.with_name(f"{file.name}.dvc").write_text(pointer)


def main(folder: Path):
    for name, load in TABLES.items():
        table = load()
        data = folder / name / "data"
        data.mkdir(parents=True, exist_ok=True)
        # The penguins are sorted by species and island, so every third row has the same proportions as all rows.
        is_evaluation = pd.Series(range(len(table)), index=table.index) % 3 == 2
        write(table[~is_evaluation], data / "train.csv")
        write(table[is_evaluation], data / "evaluation.csv")
        print(f"{data}: {(~is_evaluation).sum()} training rows, {is_evaluation.sum()} evaluation rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
