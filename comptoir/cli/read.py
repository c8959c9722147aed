"""comptoir read NOUN [ROW] --filter NAME=VALUE …"""

import argparse
import json
import sys
from importlib import import_module
from typing import Any

from comptoir.cli import database
from comptoir.cli.act import MISFIT, complain, end_with_the_reader, member_named


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("noun", help="what to read, for example orders; «list» names them all with their filters")
    parser.add_argument("row", nargs="?", help="the number or id of one row")
    parser.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE", help="as the API's filters")
    parser.add_argument("--all", action="store_true", help="every page, not only the first")
    parser.add_argument("--as", dest="member", metavar="EMAIL", help="read as this member; the desk itself otherwise")
    parser.add_argument("--json", action="store_true", help="JSON, one row a line; a line of words a row otherwise")


def run(options: argparse.Namespace) -> int:
    """Print the rows."""
    end_with_the_reader()
    database.load_django()
    import_module("comptoir.api.readers")
    reading, problems = import_module("comptoir.api.reading"), import_module("comptoir.api.problems")
    if options.noun == "list":
        return _list(reading)
    try:
        by, found = member_named(options.member), reading.reader_named(options.noun)
        if options.row:
            print(json.dumps(reading.single(found, by, options.row), ensure_ascii=False, indent=2))
            return 0
        return _rows(reading, found, by, options)
    except problems.Problem as problem:
        return complain(problem, options.json)
    except ValueError as error:
        print(f"comptoir: {error}", file=sys.stderr)
        return MISFIT


def _rows(reading: Any, found: Any, by: Any, options: argparse.Namespace) -> int:
    given = {name: value for name, _equals, value in (text.partition("=") for text in options.filter)}
    while True:
        page = reading.listing(found, by, given)
        for row in page["data"]:
            print(json.dumps(row, ensure_ascii=False) if options.json else _line(row))
        if not (options.all and page["next"]):
            return 0
        given = given | {"after": str(page["next"])}


def _line(row: dict[str, Any]) -> str:
    """The single values of a row, those that say most first."""
    shown = [str(row[n]) for n in ("number", "code", "email", "name", "subject", "text", "state") if row.get(n)]
    return "\t".join([str(row["id"]), *shown])


def _list(reading: Any) -> int:
    for noun, found in reading.READERS.items():
        print(f"{noun}\t{found.title}\t{' '.join([*found.filters, *reading.PAGING])}")
    return 0
