"""What `policy` gives the house: tables, events, the set-up step, the check of contradictions, and its commands."""

from menshen.kit.clock import Clock
from menshen.kit.database import Database
from menshen.kit.room import Check, Finding, Room
from menshen.kit.texts import Texts
from menshen.passwords.cli import password_commands
from menshen.policy import cli, pages, store
from menshen.policy.events import EVENTS
from menshen.policy.rules import PolicySettings
from menshen.policy.service import Policy

SETTINGS = PolicySettings


def furnish(database: Database, policy: Policy, clock: Clock, texts: Texts) -> Room:
    """The room with its services filled in; `menshen password` is mounted here for `passwords`."""
    return Room(
        name="policy",
        tables=store.TABLES,
        parts=(pages.setup_step(database, policy),),
        checks=(satisfiable(database, policy), second_step_reachable(database, policy)),
        events=EVENTS,
        commands={
            "policy": cli.policy_commands(database, policy, clock, texts),
            "password": password_commands,
        },
    )


def satisfiable(database: Database, policy: Policy) -> Check:
    """Whether every customer can satisfy all policies of their groups."""

    def measure() -> Finding:
        with database.read() as tx:
            refusal = policy.standing_contradiction(tx)
        if refusal is None:
            return Finding("PASS", "no account is in groups whose policies contradict each other")
        evidence = f"policies {refusal.values['policies']} meet in groups {refusal.values['groups']}"
        return Finding("FAIL", evidence, "menshen policy assign gives one of the groups another policy")

    return Check("policy.satisfiable", "a customer of contradicting policies could not sign in (C14)", measure)


def second_step_reachable(database: Database, policy: Policy) -> Check:
    """Whether every policy in use that demands a second step finds a method for it in this house."""

    def measure() -> Finding:
        with database.read() as tx:
            wanting = policy.beyond_reach(tx)
        if not wanting:
            return Finding("PASS", "every second step that a policy in use demands can be taken")
        evidence = f"demanded by {', '.join(wanting)}, and no method here reaches AAL 2"
        return Finding("FAIL", evidence, "use a policy that does not demand a second step")

    return Check("policy.second_step", "a demand that nobody can meet is not enforced, and must be known", measure)
