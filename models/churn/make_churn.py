"""Writes the churn snapshots and their DVC pointers: the sample data of the quickstart.

    pip install scikit-learn==1.9.1
    python models/churn/make_churn.py

The output is reproducible, so the pointers' hashes show whether a row was edited by hand.

- data/train.csv: 1,600 rows to fit the model on.
- data/evaluation.csv: 400 held-out rows, which only the quality gate uses.
- data/reference.csv: the reference for drift in the service's traffic. It has the training rows:
  drift means that requests differ from what the model was trained on, and only the gate may use the
  evaluation rows. It is a separate snapshot, so that it can stay pinned while the training data changes.
"""

import hashlib
from pathlib import Path

from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parent / "data"
FEATURES = 10


def write_snapshot(name, features, labels):
    header = ",".join([f"f{i}" for i in range(FEATURES)] + ["label"])
    # 17 significant digits: every float64 round-trips exactly.
    rows = [",".join([*(f"{x:.17g}" for x in row), str(label)]) for row, label in zip(features.tolist(), labels.tolist())]
    content = "\n".join([header, *rows, ""]).encode()
    (FOLDER / name).write_bytes(content)
    # `cache: false`: the data is small enough for git; DVC only pins it.
    pointer = [
        "outs:",
        f"- md5: {hashlib.md5(content).hexdigest()}",
        f"  size: {len(content)}",
        "  hash: md5",
        f"  path: {name}",
        "  cache: false",
        "",
    ]
    (FOLDER / f"{name}.dvc").write_text("\n".join(pointer))
    print(f"{name}: {len(rows)} rows, {len(content)} bytes")


def main():
    features, labels = make_classification(n_samples=2000, n_features=FEATURES, random_state=42)
    train_x, evaluation_x, train_y, evaluation_y = train_test_split(features, labels, test_size=0.2, random_state=42)
    FOLDER.mkdir(exist_ok=True)
    write_snapshot("train.csv", train_x, train_y)
    write_snapshot("evaluation.csv", evaluation_x, evaluation_y)
    write_snapshot("reference.csv", train_x, train_y)


if __name__ == "__main__":
    main()
