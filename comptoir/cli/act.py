"""comptoir act ACTION [SUBJECT] --input NAME=VALUE …"""

import argparse
import json
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from comptoir.cli import database

DONE, REFUSED, MISFIT, WAITS = 0, 1, 2, 3


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Exit codes: 0 done, 1 refused, 2 the input does not fit, 3 it waits for approval."
    parser.add_argument("action", help="its name, for example orders.confirm; «list» names them all")
    parser.add_argument("subject", nargs="?", help="the number or id of the row it is about")
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=VALUE",
        help="an input; a value in [] or {} is read as JSON, @FILE stands for what is in the file",
    )  # fmt: skip
    parser.add_argument("--as", dest="member", metavar="EMAIL", help="act as this member; the desk itself otherwise")
    parser.add_argument("--key", default="", help="the same key has one effect")
    parser.add_argument("--told", default="", help="the mark of notices that were read")
    parser.add_argument("--dry-run", action="store_true", help="say what it would change, and do nothing")
    parser.add_argument("--json", action="store_true", help="answer in JSON, as the API does")


def run(options: argparse.Namespace) -> int:
    """Do the act, and say what came of it."""
    end_with_the_reader()
    database.load_django()
    acts, problems = import_module("comptoir.api.acts"), import_module("comptoir.api.problems")
    if options.action == "list":
        return _list()
    try:
        body = dict(_input(text) for text in options.input)
        by = member_named(options.member)
        call = acts.Call(options.action, by, options.subject, body, options.key, options.told)
        if options.dry_run:
            return _tell(acts.dry_run(call), options.json)
        return _done(acts, acts.act(call), by, options)
    except problems.Problem as problem:
        return complain(problem, options.json)
    except (ValueError, OSError) as error:
        print(f"comptoir: {error}", file=sys.stderr)
        return MISFIT


def end_with_the_reader() -> None:
    """End in silence when what reads the output has read enough."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def member_named(email: str | None) -> Any:
    """The member with that address; the system without one. ValueError when nobody has it."""
    people = import_module("comptoir.people")
    if not email:
        return people.system()
    found = import_module("comptoir.people.models").Member.objects.filter(email__iexact=email).first()
    if found is None:
        raise ValueError(f"nobody has the address {email}.")
    return found


def complain(problem: Any, as_json: bool) -> int:
    """Say what went wrong, by input where it is about inputs."""
    if as_json:
        print(json.dumps(problem.as_json(), ensure_ascii=False, indent=2))
    else:
        print(f"comptoir: {problem.detail or problem.title}", file=sys.stderr)
        for name, told in problem.more.get("errors", {}).items():
            print(f"  {name}: {' '.join(told)}", file=sys.stderr)
        for notice in problem.more.get("notices", ()):
            print(f"  {notice['text']} (--told {problem.more['told']})", file=sys.stderr)
    return MISFIT if problem.kind == "input" else REFUSED


def _input(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--input takes NAME=VALUE, not {text}.")
    if value.startswith("@"):
        value = Path(value[1:]).read_text()
    parsed = import_module("comptoir.api.inputs").parsed
    return name, parsed(value) if value[:1] in "[{" and value else value


def _list() -> int:
    for name, spec in import_module("comptoir.actions.scopes").callable_acts().items():
        subject = f" {spec.subject._meta.model_name.upper()}" if spec.subject else ""
        print(f"{name}{subject}\t{spec.title}")
    return DONE


def _tell(told: dict[str, Any], as_json: bool) -> int:
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return DONE
    if told["needs_approval"]:
        print(f"It would wait for approval: {told['needs_approval']}")
    for change in told["changes"]:
        print(f"{change['label']}: {change['before']} → {change['after']}")
    return DONE


def _done(acts: Any, outcome: Any, by: Any, options: argparse.Namespace) -> int:
    if outcome.approval is not None:
        told = acts.waiting(outcome.approval)
        line = f"Sent for approval ({told['id']}): {told['reason']}"
        print(
            json.dumps({"action": options.action, "approval": told}, ensure_ascii=False, indent=2)
            if options.json
            else line
        )
        return WAITS
    result = acts.named(outcome.result)
    row = import_module("comptoir.api.reading").row_shown(by, outcome.result) if result else None
    answer = {"action": options.action, "result": result, "row": row}
    print(
        json.dumps(answer, ensure_ascii=False, indent=2)
        if options.json
        else f"Done: {(result or {}).get('label', options.action)}"
    )
    return DONE
