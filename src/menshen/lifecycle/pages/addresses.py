"""Pages of a customer's addresses: the list, a new one, its proof, removing, taking back."""

from collections.abc import Sequence

import msgspec

from menshen.codes.rules import Wrong
from menshen.kit.clock import MINUTE
from menshen.kit.web.routes import PUBLIC, Answer, Ask, Page, Redirect, Route
from menshen.lifecycle.rules.addresses import LASTS, Swap
from menshen.lifecycle.service.addresses import Addresses, Pending
from menshen.lifecycle.service.joining import Denied

HERE = "/account/email"


class AddressForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new address, in place of `old` or, where that is empty, beside the others."""

    email: str = ""
    old: str = ""


class RemoveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address that is to go."""

    email: str = ""


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code from the mail."""

    code: str = ""


class AddressPages:
    """Where mail reaches you."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def routes(self) -> Sequence[Route]:
        """The doors to addresses."""
        change, prove = "email.change", "account.edit"
        return (
            Route("GET", HERE, self.show, change),
            Route("POST", HERE, self.ask, change, AddressForm),
            Route("POST", f"{HERE}/remove", self.remove, change, RemoveForm),
            Route("GET", f"{HERE}/proof/{{change}}", self.show_code, prove),
            Route("POST", f"{HERE}/proof/{{change}}", self.try_code, prove, CodeForm),
            Route("GET", f"{HERE}/link/{{token}}", self.show_link, prove),
            Route("POST", f"{HERE}/link/{{token}}", self.confirm_link, prove),
            Route("GET", "/email/revert/{token}", self.show_revert, PUBLIC),
            Route("POST", "/email/revert/{token}", self.revert, PUBLIC),
        )

    def show(self, ask: Ask) -> Answer:
        """The list, and the field for a new one."""
        return self._list_page(ask, AddressForm(old=ask.query.get("old", "")))

    def ask(self, ask: Ask) -> Answer:
        """On to the proof, whether or not another account holds the address."""
        form: AddressForm = ask.form
        if not form.email.strip():
            return self._list_page(ask, form, problem="lifecycle.email_missing")
        asked = self._addresses.ask(ask.visitor, ask.visitor.account_id or "", form.email, form.old)
        if isinstance(asked, Denied):
            return self._list_page(ask, form, problem=asked.code, wait=asked.wait)
        return Redirect(f"{HERE}/proof/{asked}")

    def remove(self, ask: Ask) -> Answer:
        """Take one away; the notice can take that back."""
        form: RemoveForm = ask.form
        removed = self._addresses.remove(ask.visitor, ask.visitor.account_id or "", form.email)
        if isinstance(removed, Denied):
            return self._list_page(ask, AddressForm(), notice=removed.code)
        return Redirect("/account?done=address_removed")

    def show_code(self, ask: Ask) -> Answer:
        """Ask for the code."""
        pending = self._addresses.pending(ask.visitor.account_id or "", ask.params["change"])
        return self._code_page(ask, pending) if pending else Redirect(HERE)

    def try_code(self, ask: Ask) -> Answer:
        """Compare the code."""
        form: CodeForm = ask.form
        account, change = ask.visitor.account_id or "", ask.params["change"]
        pending = self._addresses.pending(account, change)
        if pending is None:
            return Redirect(HERE)
        if not form.code.strip():
            return self._code_page(ask, pending, problem="lifecycle.code_missing")
        found = self._addresses.try_code(ask.visitor, account, change, form.code)
        if isinstance(found, Wrong) and found.tries_left:
            return self._code_page(ask, pending, problem="lifecycle.code_wrong", left=found.tries_left)
        return self._changed(ask, found if not isinstance(found, Wrong) else None)

    def show_link(self, ask: Ask) -> Answer:
        """What the link of the mail opens, in a session of whoever asked."""
        pending = self._addresses.of_link(ask.visitor.account_id or "", ask.params["token"])
        if pending is None:
            return self._list_page(ask, AddressForm(), notice="lifecycle.address.over")
        return Page("lifecycle/address_link.html", {"action": ask.path, "address": pending.swap.new})

    def confirm_link(self, ask: Ask) -> Answer:
        """The press."""
        found = self._addresses.confirm_link(ask.visitor, ask.visitor.account_id or "", ask.params["token"])
        return self._changed(ask, found)

    def show_revert(self, ask: Ask) -> Answer:
        """What a notice's link would take back."""
        if self._addresses.of_revert(ask.params["token"]) is None:
            return Page("lifecycle/reverted.html", {"what": "lifecycle.revert.over"}, 410)
        return Page("lifecycle/link.html", {"action": ask.path, "what": "lifecycle.revert", "lead": ""})

    def revert(self, ask: Ask) -> Answer:
        """Take it back; then a new password, by recovery."""
        done = self._addresses.revert(ask.visitor, ask.params["token"])
        if isinstance(done, Denied):
            return Page("lifecycle/reverted.html", {"what": done.code}, 409)
        what = "lifecycle.revert.done" if done else "lifecycle.revert.over"
        return Page("lifecycle/reverted.html", {"what": what}, 200 if done else 410)

    # --- within

    def _changed(self, ask: Ask, found: Swap | Denied | None) -> Answer:
        if isinstance(found, Swap):
            return Redirect("/account?done=address")
        code = found.code if isinstance(found, Denied) else "lifecycle.address.over"
        return self._list_page(ask, AddressForm(), notice=code)

    def _list_page(self, ask: Ask, form: AddressForm, *, problem: str = "", notice: str = "", wait: int = 0) -> Page:
        values = {
            "addresses": self._addresses.of(ask.visitor.account_id or ""),
            "form": form,
            "problem": problem,
            "notice": notice,
            "minutes": max(-(-wait // MINUTE), 1),
        }
        return Page("lifecycle/addresses.html", values, 429 if wait else (422 if problem or notice else 200))

    def _code_page(self, ask: Ask, pending: Pending, *, problem: str = "", left: int = 0) -> Page:
        values = {
            "action": ask.path,
            "address": pending.swap.new,
            "lasts": LASTS // MINUTE,
            "problem": problem,
            "left": left,
        }
        return Page("lifecycle/address_code.html", values, 422 if problem else 200)
