"""Implements the trainer contract, which is the same for every model: what a trainer reads, registers and prints.

The stack sets MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME, MODEL_NAME, TRAINING_DATA, EVALUATION_DATA, TRAINING_PARAMS and DATA_FORMAT,
and reads {"run_id": ..., "version": ...} from the last line of stdout. Log messages go to stderr.
"""

import hashlib
import json
import os
import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

# MLflow's telemetry thread changes os.environ while requests reads it, which occasionally fails the training with a KeyError.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import pandas as pd
from mlflow.models import infer_signature

warnings.filterwarnings("ignore", category=FutureWarning)


@dataclass(frozen=True)
class Snapshot:
    features: pd.DataFrame
    truth: pd.Series
    md5: str


def log(line):
    print(line, file=sys.stderr)


def training_params(**defaults):
    """Returns the stack's training.params merged over the defaults. Exits if a parameter is unknown."""
    given = json.loads(os.environ.get("TRAINING_PARAMS") or "{}")
    for unknown in given.keys() - defaults.keys():
        sys.exit(f"training.params.{unknown} is not supported by this trainer; it supports {', '.join(defaults)}")
    return {**defaults, **given}


def read_snapshots(texts=()):
    """Reads the training and evaluation snapshots, as the stack's data.label, data.classes, data.missing and data.id describe them.

    texts: columns to keep as text: pandas would convert cells such as 007 and true to numbers and booleans
    """
    layout = json.loads(os.environ.get("DATA_FORMAT") or "{}")
    for unknown in layout.keys() - {"label", "classes", "positive", "missing", "id"}:
        sys.exit(f"data.{unknown} is not supported by this trainer")
    return tuple(_read(os.environ[name], layout, texts) for name in ("TRAINING_DATA", "EVALUATION_DATA"))


def _read(path, layout, texts):
    content = Path(path).read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    pinned = re.search(r"md5: ([0-9a-f]{32})", Path(f"{path}.dvc").read_text()).group(1)
    if md5 != pinned:
        sys.exit(f"{path} has MD5 {md5}, but {path}.dvc pins {pinned}")
    # Only the stack's own list means missing; pandas' default list has many more texts.
    missing = ["", *layout.get("missing", [])]
    table = pd.read_csv(path, na_values=missing, keep_default_na=False, dtype=dict.fromkeys(texts, "str"))
    label = layout.get("label", "label")
    # The id identifies rows in the gate's report and is not a feature.
    features = table.drop(columns=label).drop(columns=[layout["id"]] if "id" in layout else [], errors="ignore")
    return Snapshot(features, table[label], md5)


def register(onnx_model, *, features, output, training, evaluation, predictions, params, metrics, metadata=None):
    """Logs and registers the model, and prints the line that the stack reads.

    features: the model's columns of the training rows, with their types; only columns with missing values here may have them when served
    output: some predictions, for the signature
    predictions: a data frame for the gate's parity check, one row per row of the evaluation snapshot; docs/checks.md lists its columns
    """
    model_name, version_tags = os.environ["MODEL_NAME"], {"data_version": f"dvc:{training.md5}"}
    mlflow.set_experiment(os.environ["MLFLOW_EXPERIMENT_NAME"])
    with mlflow.start_run(run_name=f"train {model_name}") as run:
        mlflow.set_tags(version_tags)
        mlflow.log_params({"rows": len(features), **params})
        # For information only: the gate does not rely on the trainer's own metrics.
        mlflow.log_metrics({f"trainer.{name}": value for name, value in metrics.items()})
        mlflow.log_text(predictions.to_csv(index=False), f"predictions/{evaluation.md5}.csv")
        logged = mlflow.onnx.log_model(
            onnx_model,
            name="model",
            signature=infer_signature(features, output),
            metadata=metadata,
            pip_requirements=["onnx", "onnxruntime"],
        )
    version = mlflow.register_model(logged.model_uri, model_name, tags=version_tags)
    log(f"registered {version.name} version {version.version}: {metrics}")
    print(json.dumps({"run_id": run.info.run_id, "version": str(version.version)}))
