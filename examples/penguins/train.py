"""Predicts the species of a penguin from texts and numbers with missing values: a scikit-learn pipeline as one ONNX graph."""

import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from examples.contract import read_snapshots, register, training_params

NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
TEXTS = ["island", "sex"]


def typed(features):
    """Returns the model's columns in the types in which it is served."""
    return features[NUMBERS + TEXTS].astype({name: "float32" for name in NUMBERS})


def rows(features):
    """Returns the features as the graph sees them: a missing number is NaN, a missing text is empty."""
    return features.assign(**{name: features[name].astype(object).fillna("") for name in TEXTS})


params = training_params(C=1.0)
training, evaluation = read_snapshots(numbers=NUMBERS, texts=TEXTS)
features, judged = typed(training.features), typed(evaluation.features)

columns = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        # An island that does not occur in the training rows is encoded as all zeros.
        ("texts", OneHotEncoder(handle_unknown="ignore"), TEXTS),
    ]
)
model = make_pipeline(columns, LogisticRegression(C=params["C"], max_iter=1000))
model.fit(rows(features), training.truth, logisticregression__sample_weight=training.weights)
types = [(name, FloatTensorType([None, 1])) for name in NUMBERS] + [(name, StringTensorType([None, 1])) for name in TEXTS]
labels = model.predict(rows(judged))
shares = dict(zip(model.classes_, model.predict_proba(rows(judged)).T))
register(
    # Without zipmap=False, the probabilities would be a list of dictionaries.
    to_onnx(model, initial_types=types, options={"zipmap": False}, target_opset=17),
    features=features,
    output=labels[:5],
    training=training,
    evaluation=evaluation,
    predictions=pd.DataFrame({"label": labels, **{f"probability:{name}": share for name, share in shares.items()}}),
    params=params,
    metrics={
        "accuracy": accuracy_score(evaluation.truth, labels),
        "macro_f1": f1_score(evaluation.truth, labels, average="macro"),
    },
)
