# Loaded by schemathesis. Gives every request an Idempotency-Key of its own where it has a good one: a fuzzer sends the
# same few again and again, and would mostly test that a key used for another request is refused. Keeps it from cutting
# off the branch it sits on: its own key and member stay.

import os
import re
import uuid

import schemathesis

GOOD = re.compile(r"[\x21-\x7e]{1,160}")
OWN = {"keyId": os.environ["JALON_FUZZ_KEY"].split("_")[1], "memberId": "fuzzer"}
INSTEAD = {"keyId": "0" * 16, "memberId": "tom-bernard"}


@schemathesis.hook
def before_call(context, case, kwargs):
    # A case that is meant to be wrong stays as it was made: schemathesis would judge it anew.
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and GOOD.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}{uuid.uuid4()}"
    for name, own in OWN.items():
        if case.method != "GET" and (case.path_parameters or {}).get(name) == own:
            case.path_parameters[name] = INSTEAD[name]


@schemathesis.check
def wrong_rows_are_reported(ctx, response, case):
    if case.operation.path != "/v1/observations" or response.status_code != 200 or case.meta is None:
        return
    body = next((data for kind, data in case.meta.components.items() if kind.value == "body"), None)
    if body is not None and body.mode.is_negative and case.media_type == "application/json":
        assert response.json()["rejected"] > 0, "a row that violates the description was not reported"
