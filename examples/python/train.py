"""A Python trainer: scikit-learn -> skl2onnx -> MLflow. It implements the same contract as training/train.ts.

    python3 -m venv .venv-trainer && .venv-trainer/bin/pip install -r examples/python/requirements.txt
    pulumi config set --path training.command ".venv-trainer/bin/python examples/python/train.py"
    pulumi config set --path training.params.model gradient-boosting
    pulumi config set --path 'training.sources[0]' examples/python

Reads MLFLOW_TRACKING_URI (and the rest of MLflow's own variables), MLFLOW_EXPERIMENT_NAME, MODEL_NAME, TRAINING_DATA,
EVALUATION_DATA and TRAINING_PARAMS, and prints {"run_id": ..., "version": ...} as its last line. Log messages go to stderr.
"""

import hashlib
import json
import os
import re
import sys
import warnings
from pathlib import Path

# MLflow's telemetry thread changes os.environ while requests reads it, which occasionally fails the training with a KeyError.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODELS = {
    "gradient-boosting": lambda params: GradientBoostingClassifier(random_state=0, **params),
    # An odd number of trees, because a tie would be decided by the runtime's rounding.
    "random-forest": lambda params: RandomForestClassifier(**{"n_estimators": 25, "random_state": 0, **params}),
    "mlp": lambda params: make_pipeline(
        StandardScaler(), MLPClassifier(**{"hidden_layer_sizes": (16,), "max_iter": 500, "random_state": 0, **params})
    ),
    "logistic-regression": lambda params: LogisticRegression(**{"max_iter": 200, **params}),
}


def log(line):
    print(line, file=sys.stderr)


def read_snapshot(path):
    """Reads the rows of a CSV or Parquet file, whose bytes must be the ones that its DVC pointer pins."""
    pinned = re.search(r"md5: ([0-9a-f]{32})", Path(f"{path}.dvc").read_text()).group(1)
    md5 = hashlib.md5(Path(path).read_bytes()).hexdigest()
    if md5 != pinned:
        sys.exit(f"{path} is not the data that {path}.dvc pins: its MD5 is {md5}, the pointer has {pinned}")
    table = pd.read_parquet(path) if str(path).endswith(".parquet") else pd.read_csv(path)
    # Fitted to float32, the type in which the model is served.
    return table.drop(columns="label").astype(np.float32), table["label"].to_numpy(), md5


def main():
    params = json.loads(os.environ.get("TRAINING_PARAMS") or "{}")
    kind = params.pop("model", "gradient-boosting")
    if kind not in MODELS:
        sys.exit(f"TRAINING_PARAMS.model is {kind!r}; it must be one of {', '.join(MODELS)}")
    if os.environ.get("DATA_FORMAT"):
        sys.exit("this example reads plain CSV and Parquet with a label of 0 and 1: it does not support DATA_FORMAT (data.label, data.classes, data.csv and the like)")
    features, labels, md5 = read_snapshot(os.environ["TRAINING_DATA"])
    evaluation, truth, evaluation_md5 = read_snapshot(os.environ["EVALUATION_DATA"])
    # By name, because the evaluation snapshot may have another column order and further columns, such as one for slices.
    X, X_evaluation = features.to_numpy(), evaluation[features.columns].to_numpy()
    model = MODELS[kind](params).fit(X, labels)
    log(f"fitted {kind} to {len(X)} rows (dvc:{md5})")

    # Without zipmap=False, the probabilities would be a list of dictionaries instead of a tensor.
    onnx = to_onnx(model, X[:1], options={id(model): {"zipmap": False}}, target_opset=17)
    mlflow.set_experiment(os.environ["MLFLOW_EXPERIMENT_NAME"])
    with mlflow.start_run(run_name=f"train {kind}") as run:
        mlflow.set_tags({"data_version": f"dvc:{md5}"})
        mlflow.log_params({"model": kind, "rows": len(X), **params})
        # For information only: the gate does not rely on the trainer's own metrics.
        probabilities = model.predict_proba(X_evaluation)
        mlflow.log_metrics(
            {
                "trainer.accuracy": accuracy_score(truth, model.predict(X_evaluation)),
                # In float32, like the exported model's, which limits the loss of a confident wrong prediction.
                "trainer.log_loss": log_loss(truth, probabilities.astype(np.float32)),
            }
        )
        # For the gate's parity check: the service must predict the same as this code.
        predictions = pd.DataFrame({"label": model.predict(X_evaluation), "probability": probabilities[:, 1]})
        mlflow.log_text(predictions.to_csv(index=False), f"predictions/{evaluation_md5}.csv")
        # Named columns, so that the gate and the service cannot mix up their order.
        signature = infer_signature(features.head(), probabilities[:5].astype(np.float32))
        logged = mlflow.onnx.log_model(onnx, name="model", signature=signature, pip_requirements=["onnx", "onnxruntime"])
    version = mlflow.register_model(logged.model_uri, os.environ["MODEL_NAME"], tags={"data_version": f"dvc:{md5}"})
    log(f"registered {version.name} version {version.version}")
    print(json.dumps({"run_id": run.info.run_id, "version": str(version.version)}))


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=FutureWarning)
    main()
