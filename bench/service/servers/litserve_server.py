"""LitServe with its defaults: one model worker and one API worker."""

import os
import sys

import litserve
import numpy as np
import onnxruntime


class Churn(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.path.join(os.environ["MODEL_FOLDER"], "model.onnx"), options)
        self.name = self.session.get_inputs()[0].name

    def decode_request(self, request):
        return np.array(request["features"], np.float32)

    def predict(self, features):
        return self.session.run(["label", "probabilities"], {self.name: features})

    def encode_response(self, output):
        labels, probabilities = output
        return {"predictions": labels.tolist(), "probabilities": probabilities.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Churn(), accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="error")
