"""What schemathesis lacks: how to send JSON Lines. The document describes them as text."""

import schemathesis


@schemathesis.serializer("application/jsonl")
def json_lines(_context, value):
    # Any other value would be JSON, which the other media types test.
    return str(value).encode("utf-8", errors="ignore")
