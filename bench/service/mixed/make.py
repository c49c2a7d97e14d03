"""Writes the benchmark's mixed model beside this file, as MLflow saves it, and rows to request predictions for.

    python3 -m venv venv && venv/bin/pip install mlflow-skinny onnx onnxruntime skl2onnx scikit-learn pandas
    venv/bin/python make.py && npm run format

The committed files were written with onnx 1.23, onnxruntime 1.32, skl2onnx 1.20 and scikit-learn 1.9. The model has 7 float columns, one int64, one boolean and
three text columns. Each is a tensor, as skl2onnx converts a data frame.
"""

import json
import shutil
import tempfile
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import skl2onnx.common._container as container
import yaml
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from skl2onnx.common.data_types import BooleanTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# skl2onnx 1.20 passes numpy booleans, which onnx 1.23 rejects.
_make = container.make_node


def _plain(value):
    if isinstance(value, list) and value and all(isinstance(i, (bool, int, np.bool_, np.integer)) for i in value):
        return [int(i) for i in value]
    return value


container.make_node = lambda *a, **k: _make(*a, **{name: _plain(value) for name, value in k.items()})

here = Path(__file__).parent
rng = np.random.default_rng(7)
n = 2000
plans, regions, channels = ["basic", "family", "business"], ["north", "east", "south", "west", "abroad"], ["web", "shop", "phone", "partner"]
floats = {
    "age": rng.normal(45, 14, n),
    "income": rng.lognormal(10.3, 0.4, n),
    "monthly_charge": rng.gamma(4, 12, n),
    "data_used_gb": rng.gamma(2, 6, n),
    "minutes_called": rng.gamma(3, 60, n),
    "days_since_contact": rng.exponential(40, n),
    "satisfaction": rng.normal(0, 1, n),
}
X = pd.DataFrame(
    {
        **{name: values.astype(np.float32) for name, values in floats.items()},
        "customer_months": rng.integers(1, 180, n),
        "has_contract": rng.random(n) < 0.6,
        "plan": rng.choice(plans, n),
        "region": rng.choice(regions, n),
        "channel": rng.choice(channels, n),
    }
)
score = X.monthly_charge / 40 - X.satisfaction - X.customer_months / 90 - X.has_contract + (X.plan == "basic") + rng.normal(0, 1, n)
y = (score > score.median()).astype(int)
numbers, texts = [*floats, "customer_months"], ["plan", "region", "channel"]
steps = [
    ("numbers", StandardScaler(), numbers),
    ("booleans", "passthrough", ["has_contract"]),
    ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
]
model = make_pipeline(ColumnTransformer(steps), LogisticRegression(max_iter=500)).fit(X, y)
types = {"float32": FloatTensorType, "int64": Int64TensorType, "bool": BooleanTensorType}
initial = [(name, types.get(str(X[name].dtype), StringTensorType)([None, 1])) for name in X.columns]
onnx_model = to_onnx(model, initial_types=initial, options={"zipmap": False})
with tempfile.TemporaryDirectory() as work:
    mlflow.onnx.save_model(onnx_model, f"{work}/m", signature=infer_signature(X), save_as_external_data=False)
    mlmodel = yaml.safe_load(Path(f"{work}/m/MLmodel").read_text())
    shutil.copy(f"{work}/m/model.onnx", here / "model.onnx")
(here / "MLmodel").write_text(yaml.safe_dump({"flavors": {"onnx": {"data": "model.onnx"}}, "signature": mlmodel["signature"]}))
# With as many digits as a caller's numbers typically have.
rows = [[float(f"{one:.7g}") if isinstance(one, float) else one for one in row] for row in X.head(64).astype(object).values.tolist()]
(here / "rows.json").write_text(json.dumps(rows) + "\n")
print(f"accuracy {model.score(X, y):.3f}, {(here / 'model.onnx').stat().st_size} bytes")
