# Loaded by schemathesis. Gives every request an Idempotency-Key of its own where it has a good one: a fuzzer sends the
# same few again and again, and would mostly test that a key used for another request is refused. Keeps it from cutting
# off the branch it sits on: its own key and member stay, and the webhook that it is told of. Writes NDJSON.

import json
import os
import re
import uuid

import schemathesis

GOOD = re.compile(r"[\x21-\x7e]{1,160}")
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
# By parameter: what stays, what is hit instead, and by which methods it would be hit.
SPARED = {
    "keyId": (os.environ["JALON_FUZZ_KEY"].split("_")[1], "0" * 16, CHANGES),
    "memberId": ("fuzzer", "tom-bernard", CHANGES),
    "webhookId": (os.environ["JALON_FUZZ_WEBHOOK"], str(uuid.UUID(int=0)), ("DELETE",)),
}
NDJSON = "application/x-ndjson"


# The description of a body of this type is that of one row: OpenAPI 3.1 has no word for a row after a row.
@schemathesis.serializer(NDJSON)
def ndjson(context, value):
    return {"data": json.dumps(value).encode() + b"\n"}


@schemathesis.hook
def before_call(context, case, kwargs):
    # A case that is meant to be wrong stays as it was made: schemathesis would judge it anew.
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and GOOD.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}{uuid.uuid4()}"
    for name, (own, instead, methods) in SPARED.items():
        if case.method in methods and (case.path_parameters or {}).get(name) == own:
            case.path_parameters[name] = instead


@schemathesis.check
def wrong_rows_are_reported(ctx, response, case):
    if case.operation.path != "/v1/observations" or response.status_code != 200 or case.meta is None:
        return
    body = next((data for kind, data in case.meta.components.items() if kind.value == "body"), None)
    if body is not None and body.mode.is_negative and case.media_type in ("application/json", NDJSON):
        assert response.json()["rejected"] > 0, "a row that violates the description was not reported"
