"""Ninety days in a minute: the residents move in, sign in, mistype, are asked to change, by the rooms' own verbs."""

from collections.abc import Callable, Sequence

from menshen.accounts.rules import Taken, read
from menshen.app.demo.town import Resident, draw, resident
from menshen.app.house import House
from menshen.credentials.service import Prepared
from menshen.kit.clock import DAY, MINUTE, SECOND, SetClock
from menshen.kit.database import Tx
from menshen.kit.dice import new_id
from menshen.kit.fault import Fault
from menshen.kit.texts import when
from menshen.kit.web.visitor import Proof, Visitor
from menshen.rotation.rules import Cause
from menshen.sessions.rules import limits_of
from menshen.signin import events

DAYS = 90
AT_ONCE = 200
"""Residents in one transaction, so that none lasts long."""


class History:
    """Lives the days of the residents through a house whose clock is ours to set."""

    def __init__(self, house: House, clock: SetClock, prepared: Prepared) -> None:
        self._house = house
        self._clock = clock
        self._prepared = prepared
        self._accounts: dict[int, str] = {}
        self._devices: dict[int, str] = {}

    def live(self, customers: int, tell: Callable[[int], None]) -> None:
        """From `DAYS` days ago until the clock stands where it stood; `tell` hears how many days are left."""
        end = self._clock.now()
        people = [resident(number, DAYS) for number in range(customers)]
        with self._house.foundation.database.write() as tx:
            self._house.accounts.add_groups(tx, "customer", ("gold",))
        for days_ago in range(DAYS, -1, -1):
            awake = [each for each in people if each.visits(days_ago)]
            awake.sort(key=lambda each: -each.moment(days_ago))
            for start in range(0, len(awake), AT_ONCE):
                self._day(awake[start : start + AT_ONCE], days_ago, end)
            tell(days_ago)
        self._clock.advance(end - self._clock.now())
        self._ask_some_to_change(people)

    def _day(self, awake: Sequence[Resident], days_ago: int, end: int) -> None:
        with self._house.foundation.database.write() as tx:
            for each in awake:
                moment = end - days_ago * DAY - each.moment(days_ago) - MINUTE
                self._clock.advance(moment - self._clock.now())
                if each.number not in self._accounts:
                    self._move_in(tx, each)
                self._visit(tx, each, days_ago)

    def _move_in(self, tx: Tx, each: Resident) -> None:
        names = [read("email", each.email, "CN").verified()]
        if each.phone:
            names.append(read("phone", each.phone, "CN"))
        account = self._house.accounts.create(
            tx,
            "customer",
            identifiers=tuple(names),
            display_name=each.name,
            facts={"birthday": each.birthday.isoformat()} if each.number % 5 == 0 else None,
            locale="zh_CN" if each.chinese else "en",
            time_zone="Asia/Shanghai" if each.chinese else "Europe/London",
            groups=each.groups,
            external_ids={"crm": f"C{each.number:06d}"},
            actor="demo",
        )
        if isinstance(account, Taken):
            raise Fault(f"the demo made two people who cannot be told apart: {each.email}")
        self._house.credentials.replace(tx, account, self._prepared, keep_former=0, expected=None, visitor=None)
        # Whoever moved in brought an old password along, some of them too old for the policy by now.
        age = draw(each.number, 11) % (110 * DAY) if each.came == DAYS and each.number else 0
        self._house.accounts.set_password_facts(tx, account, self._clock.now() - age, "policy:classic")
        self._accounts[each.number] = account

    def _visit(self, tx: Tx, each: Resident, days_ago: int) -> None:
        house, account = self._house, self._accounts[each.number]
        standing = house.accounts.standing(tx, account)
        if standing is None:
            return
        visitor = self._visitor(each)
        if each.slips(days_ago):
            house.journal.write(
                tx, events.REFUSED.code, visitor=visitor, account=account, outcome="refused", facts={"why": "password"}
            )
            self._clock.advance(20 * SECOND)
        token, device, _ = house.sessions.remember(tx, account, visitor, self._devices.get(each.number))
        self._devices[each.number] = token
        house.sessions.open(
            tx,
            account,
            epoch=standing.epoch,
            proofs=(Proof("pwd", self._clock.now()),),
            visitor=visitor,
            limits=limits_of(house.policy.effective(tx, standing.groups)),
            host=house.host,
            device_id=device,
        )
        house.accounts.saw(tx, account, self._clock.now() // DAY)
        if days_ago == 0 and each.number % 4 == 0:
            self._tell_of_device(tx, each, account, visitor)

    def _tell_of_device(self, tx: Tx, each: Resident, account: str, visitor: Visitor) -> None:
        self._house.messages.send(
            tx,
            "signin.new_device",
            account=account,
            to=(each.email,),
            locale=visitor.locale,
            facts={
                "at": when(self._clock.now(), "Asia/Shanghai", visitor.locale),
                "browser": "Chrome",
                "source": visitor.source,
                "link": f"{self._house.base}/recover",
            },
        )

    def _ask_some_to_change(self, people: Sequence[Resident]) -> None:
        """A few must change their password within a fortnight, a few are suspended."""
        now = self._clock.now()
        with self._house.foundation.database.write() as tx:
            for each in people[1:]:
                lot = draw(each.number, 12) % 100
                account = self._accounts[each.number]
                if lot < 3:
                    cause: Cause = "leaked" if lot == 0 else "weak"
                    self._house.rotation.require_change(tx, account, cause, by=now + (lot * 7 + 1) * DAY, who="demo")
                elif lot == 3:
                    self._house.accounts.suspend(tx, account, actor="demo")

    def _visitor(self, each: Resident) -> Visitor:
        return Visitor(
            host=self._house.host,
            source=each.address,
            browser=each.browser,
            locale="zh_CN" if each.chinese else "en",
            correlation=new_id(self._clock.now(), self._house.foundation.dice)[-12:],
        )
