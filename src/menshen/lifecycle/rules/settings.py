"""What the operator may set about how customers come and leave."""

from typing import Annotated, Literal

import msgspec

from menshen.kit.clock import DAY


class LifecycleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How customers come and leave."""

    sign_up: Annotated[
        Literal["open", "closed"], msgspec.Meta(description="`open`: anyone may create an account; `closed`: nobody")
    ] = "open"
    terms_version: Annotated[
        str, msgspec.Meta(max_length=64, description="Version of the terms that newcomers agree to; empty: none asked")
    ] = ""
    terms_url: Annotated[str, msgspec.Meta(description="Address of the terms")] = ""
    privacy_url: Annotated[str, msgspec.Meta(description="Address of the privacy notice")] = ""
    grace_days: Annotated[
        int, msgspec.Meta(ge=0, le=90, description="Days in which a closed account can be called back")
    ] = 14

    def __post_init__(self) -> None:
        for address in (self.terms_url, self.privacy_url):
            if address and not address.startswith("https://"):
                raise ValueError("an address of terms or privacy notice begins with https://")
        if self.terms_version and not self.terms_url:
            raise ValueError("terms that people agree to must be readable: set lifecycle.terms_url")

    @property
    def grace(self) -> int:
        """The grace period in microseconds."""
        return self.grace_days * DAY
