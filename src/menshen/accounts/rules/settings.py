"""What the operator may set about accounts."""

from typing import Annotated

import msgspec


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How customers' names and numbers are read."""

    region: Annotated[
        str,
        msgspec.Meta(
            description="Country (ISO 3166 code) of phone numbers written without a country code.", pattern="^[A-Z]{2}$"
        ),
    ] = "CN"
