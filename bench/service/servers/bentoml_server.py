"""BentoML with its defaults: one worker, pydantic's validation."""

import os

import bentoml
import numpy as np
import onnxruntime


@bentoml.service
class Churn:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.path.join(os.environ["MODEL_FOLDER"], "model.onnx"), options)
        self.name = self.session.get_inputs()[0].name

    @bentoml.api
    def predict(self, features: list[list[float]]) -> dict:
        labels, probabilities = self.session.run(
            ["label", "probabilities"], {self.name: np.array(features, np.float32)}
        )
        return {"predictions": labels.tolist(), "probabilities": probabilities.tolist()}
