"""Writes a data set like models/churn/make_churn.py, with its DVC pointer: make_rows.py <path> <rows>."""

import hashlib
import sys
from pathlib import Path

import pandas as pd
from sklearn.datasets import make_classification

path, rows = Path(sys.argv[1]), int(sys.argv[2])
features, labels = make_classification(n_samples=rows, n_features=10, random_state=42)
table = pd.DataFrame(features, columns=[f"f{i}" for i in range(10)]).assign(label=labels)
table.to_csv(path, index=False, float_format="%.17g", lineterminator="\n")
md5 = hashlib.md5()
with path.open("rb") as file:
    while block := file.read(1 << 20):
        md5.update(block)
pointer = f"outs:\n- md5: {md5.hexdigest()}\n  size: {path.stat().st_size}\n  hash: md5\n  path: {path.name}\n"
Path(f"{path}.dvc").write_text(pointer)
