"""Classifies tumours as malignant or benign: LightGBM, with a threshold that is part of the model."""

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.metrics import recall_score, roc_auc_score

from examples.contract import read_snapshots, register, training_params

params = training_params(threshold=0.3, trees=100, seed=0)
training, evaluation = read_snapshots()
# In the order of the probabilities; the graph's integer labels are indexes into this list.
classes = ["benign", "malignant"]
features = training.features.astype("float32")
judged = evaluation.features[features.columns].astype("float32")

model = LGBMClassifier(n_estimators=params["trees"], num_leaves=15, random_state=params["seed"], n_jobs=1, verbose=-1)
model.fit(features.to_numpy(), (training.truth == "malignant").astype(int), sample_weight=training.weights)
probability = model.predict_proba(judged.to_numpy())[:, 1]
labels = np.where(probability >= params["threshold"], "malignant", "benign")
register(
    convert_lightgbm(
        model, initial_types=[("features", FloatTensorType([None, len(features.columns)]))], zipmap=False, target_opset=15
    ),
    features=features,
    output=labels[:5],
    training=training,
    evaluation=evaluation,
    predictions=pd.DataFrame({"label": labels, "probability": probability}),
    params=params,
    metrics={
        "recall": recall_score(evaluation.truth, labels, pos_label="malignant"),
        "roc_auc": roc_auc_score(evaluation.truth == "malignant", probability),
    },
    # What the graph does not reveal: the names of the classes, and the probability from which a tumour is classified as malignant.
    metadata={"prediction": {"classes": classes, "positive": "malignant", "threshold": params["threshold"]}},
)
