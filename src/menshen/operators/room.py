"""What `operators` gives the house: invitations, the console, an act's page for each act, and two commands."""

from menshen.accounts.service import Accounts
from menshen.credentials.service.sheet import PasswordSheet
from menshen.journal.service import Journal
from menshen.kit.brand import Brand
from menshen.kit.database import Database
from menshen.kit.room import MessageCode, Room
from menshen.kit.texts import Texts
from menshen.messages.service import Messages
from menshen.operators import cli, events, store
from menshen.operators.pages import ActPages, ConsolePages, Telling, WelcomePages, setup_step
from menshen.operators.rules import INVITATION, MAILED_LASTS
from menshen.operators.service import Operators
from menshen.signin.service.arrival import Arrival

SETTINGS = None


def furnish(
    database: Database,
    operators: Operators,
    accounts: Accounts,
    journal: Journal,
    messages: Messages,
    sheet: PasswordSheet,
    arrival: Arrival,
    texts: Texts,
    brand: Brand,
) -> Room:
    """The room with its services filled in; the acts of all rooms are learnt already, since each has a page."""
    telling = Telling(accounts, texts)
    console = ConsolePages(database, operators, accounts, journal, messages, telling)
    acts = ActPages(database, operators, telling)
    welcome = WelcomePages(operators, sheet, arrival)
    return Room(
        name="operators",
        tables=store.TABLES,
        routes=(*console.routes(), *acts.routes(), *welcome.routes()),
        parts=(*console.parts(), setup_step(database, operators)),
        events=events.CODES,
        messages=(MessageCode(INVITATION, MAILED_LASTS, to_unverified=True),),
        commands={
            "operator": cli.operator_commands(database, operators, texts, brand.languages[0]),
            "act": cli.act_commands(database, operators, texts),
        },
    )
