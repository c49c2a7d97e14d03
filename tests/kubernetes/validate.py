"""Validates objects against the schemas of Kubernetes minors: JSON list of objects on stdin, minors as arguments.

Prints {"minors": [every minor there is a schema of], "checked": number, "errors": [one line each]}. Fields that the schema does not
know are errors. Raises for a kind that there is no schema of.
"""

import json
import sys

import kubernetes_validate
from kubernetes_validate.utils import all_versions, major_minor

errors = []
checked = 0
objects = json.load(sys.stdin)
for minor in sys.argv[1:]:
    for one in objects:
        name = f"{one['kind']} {one['metadata']['name']}"
        try:
            used = kubernetes_validate.validate(one, minor, strict=True)
            assert used == minor, f"there are no schemas of {minor}, only up to {used}"
            checked += 1
        except kubernetes_validate.ValidationError as error:
            errors.append(f"{minor} {name}: {'.'.join(map(str, error.path))}: {error.message}")
print(json.dumps({"minors": [*dict.fromkeys(map(major_minor, all_versions()))], "checked": checked, "errors": errors}))
