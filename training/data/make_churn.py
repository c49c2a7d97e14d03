"""Writes the churn snapshots and their DVC pointers: the data that the promotion story is told on.

    pip install scikit-learn==1.9.1
    python training/data/make_churn.py

The same command gives the same bytes again, so the pointers' hashes say whether anybody edited a row by hand.

- churn/train.csv: 1,600 rows that the trainer fits.
- churn/evaluation.csv: 400 rows held back; the quality gate judges on them.
- churn/reference.csv: what the service's traffic is later compared with to measure drift. These are the training rows:
  drift means that requests no longer look like what the model has learned from, and the evaluation rows must stay unseen
  by everything but the gate. It is a snapshot of its own so that it can be pinned while the training data moves on.
"""

import hashlib
from pathlib import Path

from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

FOLDER = Path(__file__).parent / "churn"
FEATURES = 10


def write_snapshot(name, features, labels):
    header = ",".join([f"f{i}" for i in range(FEATURES)] + ["label"])
    # 17 significant digits: every float64 reads back as the very same number.
    rows = [",".join([*(f"{x:.17g}" for x in row), str(label)]) for row, label in zip(features.tolist(), labels.tolist())]
    content = "\n".join([header, *rows, ""]).encode()
    (FOLDER / name).write_bytes(content)
    # `cache: false`: the data is small and lives in git; DVC only pins it.
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
