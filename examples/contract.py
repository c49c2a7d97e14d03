"""Implements the trainer contract, which is the same for every model: what a trainer reads, registers and prints.

The stack sets MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME, MODEL_NAME, TRAINING_DATA, EVALUATION_DATA, TRAINING_PARAMS and DATA_FORMAT,
and reads {"run_id": ..., "version": ...} from the last line of stdout. Log messages go to stderr.
"""

import csv
import hashlib
import io
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
    # Weight of each row; None without data.weights.
    weights: pd.Series | None
    md5: str


def log(line):
    print(line, file=sys.stderr)


def training_params(**defaults):
    """Returns the stack's training.params merged over the defaults. Exits if a parameter is unknown."""
    given = json.loads(os.environ.get("TRAINING_PARAMS") or "{}")
    for unknown in given.keys() - defaults.keys():
        sys.exit(f"training.params.{unknown} is not supported by this trainer; it supports {', '.join(defaults)}")
    return {**defaults, **given}


def read_snapshots(numbers=(), texts=()):
    """Reads the training and evaluation snapshots, as the keys of the stack's data describe them.

    numbers, texts: columns that the trainer takes; exits if the format excludes one or a snapshot lacks it
    texts are kept as they are: pandas would convert cells such as 007 and true to numbers and booleans
    """
    layout = json.loads(os.environ.get("DATA_FORMAT") or "{}")
    for unknown in layout.keys() - {"label", "classes", "positive", "missing", "ignore", "weights", "id", "csv"}:
        sys.exit(f"data.{unknown} is not supported by this trainer")
    return tuple(_read(os.environ[name], layout, numbers, texts) for name in ("TRAINING_DATA", "EVALUATION_DATA"))


def _read(path, layout, numbers, texts):
    content = Path(path).read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    pinned = re.search(r"md5: ([0-9a-f]{32})", Path(f"{path}.dvc").read_text()).group(1)
    if md5 != pinned:
        sys.exit(f"{path} has MD5 {md5}, but {path}.dvc pins {pinned}")
    table = _table(content, layout, texts)
    label, weights = layout.get("label", "label"), layout.get("weights")
    labels = label if isinstance(label, list) else [label]
    # Columns that are not features, with the key that says so.
    taken = {name: "data.ignore" for name in layout.get("ignore", [])}
    taken |= {layout[key]: f"data.{key}" for key in ("id", "weights") if key in layout}
    for name in [*labels, *([] if weights is None else [weights])]:
        if name not in table:
            sys.exit(f'{path} has no column "{name}", which data.{"weights" if name == weights else "label"} names')
    features = table.drop(columns=[*labels, *taken], errors="ignore")
    for kind, names in (("NUMBERS", numbers), ("TEXTS", texts)):
        for name in names:
            if name not in features and name not in labels:
                why = f"{taken[name]} excludes" if name in taken else f"{path} lacks"
                trainer = os.path.relpath(sys.argv[0])
                sys.exit(f'{why} the column "{name}", which the trainer takes: remove it from {kind} in {trainer}')
    return Snapshot(features, table[label], None if weights is None else table[weights], md5)


def _table(content, layout, texts):
    """Reads a CSV file as the gate does: the separator is detected, and only the stack's own list means missing."""
    keys = layout.get("csv", {})
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = keys.get("encoding", "utf-16" if is_utf16 else "utf-8")
    options = {
        # Python keeps a byte order mark in utf-8.
        "encoding": {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}.get(encoding, encoding),
        "compression": {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}.get(content[:2]),
        "comment": keys.get("comment"),
        "keep_default_na": False,
    }
    quote = keys.get("quote", '"')
    # The header as one cell, because no file has this separator.
    whole = {"sep": "\x01", "quoting": csv.QUOTE_NONE, "header": None, "nrows": 1, "dtype": "str"}
    header = pd.read_csv(io.BytesIO(content), **whole, **options).iat[0, 0]
    unquoted = re.sub(f"{re.escape(quote)}.*?({re.escape(quote)}|$)", "", header)
    return pd.read_csv(
        io.BytesIO(content),
        sep=keys.get("separator") or max(",;\t|", key=unquoted.count),
        decimal=keys.get("decimal", "."),
        quotechar=quote,
        # pandas' default list has many more texts.
        na_values=["", *layout.get("missing", [])],
        dtype=dict.fromkeys(texts, "str"),
        **options,
    )


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
