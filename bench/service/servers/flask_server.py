"""Flask's own server and a scikit-learn model."""

import csv
import logging
import sys

import numpy as np
from flask import Flask, jsonify, request
from sklearn.linear_model import LogisticRegression

with open("models/churn/data/train.csv") as file:
    rows = list(csv.reader(file))[1:]
data = np.array(rows, float)
model = LogisticRegression(max_iter=200).fit(data[:, :-1], data[:, -1].astype(int))
app = Flask(__name__)
logging.getLogger("werkzeug").setLevel(logging.ERROR)


@app.post("/predict")
def predict():
    features = np.array(request.get_json()["features"])
    return jsonify(predictions=model.predict(features).tolist(), probabilities=model.predict_proba(features).tolist())


app.run(host="127.0.0.1", port=int(sys.argv[1]))
