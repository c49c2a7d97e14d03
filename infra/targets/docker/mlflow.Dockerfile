# MLflow's server from the pinned requirements of the local target, with drivers for Postgres and S3. Context: infra/targets.
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE}
COPY local/requirements.txt docker/mlflow-drivers.txt /tmp/
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt --requirement /tmp/mlflow-drivers.txt
