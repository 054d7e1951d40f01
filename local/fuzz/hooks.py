# Loaded by schemathesis. Gives every request an Idempotency-Key of its own where it has a good one: a fuzzer sends the
# same few again and again, and would mostly test that a key used for another request is refused.

import re
import uuid

import schemathesis

GOOD = re.compile(r"[\x21-\x7e]{1,160}")


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and GOOD.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}{uuid.uuid4()}"
