"""comptoir import products FILE [--dry-run]"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from comptoir.cli import database


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["products"], help="what the table holds: products with list prices and stock")
    parser.add_argument("file", type=Path, help="a CSV or XLSX file whose first line names its columns")
    parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
    parser.add_argument(
        "--decimal", choices=[",", "."], default="", help="the decimal sign, where a column leaves it open"
    )


def run(options: argparse.Namespace) -> int:
    """Say every difference by line; apply them unless it is a dry run. 1 when the file cannot be read or a row is refused."""
    database.load_django()
    clock, batches = import_module("comptoir.lib.clock"), import_module("comptoir.catalog.actions.batches")
    planning, book = import_module("comptoir.catalog.planning"), import_module("comptoir.catalog.book")
    error = import_module("comptoir.actions").ActionError
    try:
        data = options.file.read_bytes()
        plan = planning.plan(book.read(data, options.decimal), options.decimal, clock.today())
        _tell(plan)
        if not options.dry_run and plan.to_do:
            by = import_module("comptoir.people").system()
            batch = batches.keep(data, options.file.name, options.decimal, by=by)
            batches.apply_batch(batch, by=by, shown=plan.digest)
            print(f"Applied: {batch.get_absolute_url()} undoes it.")
    except (error, OSError) as refused:
        print(f"comptoir: {refused}", file=sys.stderr)
        return 1
    return 1 if plan.counts["refused"] else 0


def _tell(plan: object) -> None:
    for row in plan.rows:  # type: ignore[attr-defined]
        if row.fate == "refused":
            print(f"line {row.line}: {row.number or '–'}: refused: {row.refused}")
        for step in row.steps:
            print(f"line {row.line}: {row.number}: {step.label}: {step.told[0]} → {step.told[1]}")
    if plan.unknown:  # type: ignore[attr-defined]
        print(f"Columns that are not understood: {', '.join(plan.unknown)}")  # type: ignore[attr-defined]
    print(", ".join(f"{count} {fate}" for fate, count in plan.counts.items()))  # type: ignore[attr-defined]
