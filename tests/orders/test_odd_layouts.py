"""Orders laid out in ways that a plain table does not know: two rows to a line, tight rows, a letter."""

from datetime import date

import pytest
import typst

from comptoir.lib.documents.worker import Reader
from comptoir.orders.extract import extract
from comptoir.orders.extract.layout import Layout
from comptoir.orders.inbound import Inbound, said
from tests.documents.make import GOODS, HERE

PARTS = frozenset(number.casefold() for number, _name, _cents in GOODS) | {"ms-33"}


@pytest.fixture(scope="module")
def reader():
    made = Reader(cpu_seconds=4)
    yield made
    made.close()


def read(reader: Reader, name: str) -> Inbound:
    made = typst.compile(str(HERE / f"{name}.typ"), format="pdf")
    return extract(reader.read("pdf", bytes(made)), Layout(), PARTS, "en", date(2026, 11, 25))


def told(inbound: Inbound, *names: str) -> list[tuple[str, ...]]:
    return [tuple(said(line, name) for name in names) for line in inbound.lines]


def test_lines_of_two_rows_with_their_day_below(reader):
    inbound = read(reader, "two_rows_de")
    assert told(inbound, "position", "part", "quantity", "unit", "unit_price", "requested_on") == [
        ("10", "NB-32-160", "12", "pcs", "642", "2026-12-18"),
        ("20", "DP-12", "1000", "pcs", "412", "2027-01-08"),
        ("30", "VM-5-10", "3", "pcs", "660", "2026-12-18"),
    ]
    assert (inbound.said("po_number"), inbound.said("po_date"), inbound.problems) == ("4500098765", "2026-11-24", [])


def test_tight_rows_keep_their_own_last_line_and_our_number_goes_before_theirs(reader):
    inbound = read(reader, "tight_en")
    assert told(inbound, "part", "quantity", "unit_price", "requested_on") == [
        ("NB-32-160", str(n + 2), "1642.5", "2026-12-18") for n in range(26)
    ]
    assert all(said(line, "description").endswith(f"motor {n}") for n, line in enumerate(inbound.lines))
    assert (inbound.said("po_number"), inbound.problems) == ("PO-2026/0815", [])


def test_a_letter_is_read_by_what_stands_beside_the_parts(reader):
    inbound = read(reader, "letter_en")
    assert told(inbound, "part", "quantity", "unit_price", "requested_on") == [
        ("NB-32-160", "12", "642", "2026-12-18"),
        ("VM-5-10", "3", "660", "2027-01-08"),
        ("MS-33", "1", "81.84", ""),
    ]


def test_what_is_carried_forward_is_no_line_and_the_total_is_checked(reader):
    inbound = read(reader, "carried_sk")
    assert told(inbound, "position", "part", "quantity", "unit_price", "requested_on") == [
        *((str(n + 1), "VM-5-10", str(n + 2), "660", "2026-12-18") for n in range(14)),
        *((str(n + 15), "DP-12", str(n + 1), "412", "2026-12-18") for n in range(5)),
    ]
    assert (inbound.said("total"), inbound.said("terms"), inbound.problems) == ("84720", "30 dní", [])


def test_heads_broken_around_their_middle_and_what_stands_under_the_table(reader):
    inbound = read(reader, "broken_head_fr")
    assert told(inbound, "part", "quantity", "unit_price", "per", "requested_on") == [
        ("NB-32-160", "2", "642", "", "2026-12-18"),  # week 51 ends on its Friday; the discount is no price
        ("DP-60", "1200", "744", "100", "2026-12-18"),
        ("MS-33", "1.5", "81.84", "", "2026-12-18"),
    ]
    assert said(inbound.lines[0], "description").endswith("contre-brides et joints, essai hydraulique")
    assert (inbound.said("po_number"), inbound.said("ship_to")) == ("A-778/26", "12 rue du Port, 69007 Lyon")


def test_a_day_behind_the_number_and_one_below_the_total(reader):
    inbound = read(reader, "grid_bg")
    assert told(inbound, "part", "quantity", "unit", "unit_price") == [
        ("NB-32-160", "2", "pcs", "1255.65"),
        ("DP-12", "10", "pcs", "805.8"),
    ]
    names = ("po_number", "po_date", "requested_on", "currency", "total")
    assert [inbound.said(name) for name in names] == ["1204", "2026-11-24", "2026-12-18", "BGN", "10569.3"]


def test_one_day_that_reads_only_by_the_month_tells_the_others_and_facts_stand_under_their_labels(reader):
    inbound = read(reader, "american")
    assert told(inbound, "part", "quantity", "unit_price", "requested_on") == [
        ("NB-32-160", "1000", "642", "2026-12-18"),
        ("DP-12", "12", "412", "2027-01-08"),
        ("VM-5-10", "3", "660", "2026-12-21"),
    ]
    names = ("po_number", "po_date", "currency", "ship_to", "total")
    told_of = ["PO0045821", "2026-11-24", "USD", "Acme Pumps Inc., 500 Industrial Way, Houston, TX 77001", "648924"]
    assert [inbound.said(name) for name in names] == told_of


def test_a_discount_stays_out_of_the_price_and_a_week_below_a_line_is_its_day(reader):
    inbound = read(reader, "discount_da")
    assert told(inbound, "part", "quantity", "unit_price", "net", "requested_on") == [
        ("NB-32-160", "2", "4788", "8618.4", "2026-12-18"),
        ("MS-33", "100", "610", "61000", "2027-01-15"),
    ]
    assert (inbound.said("po_number"), inbound.said("total"), inbound.problems) == ("55812", "69618.4", [])


@pytest.mark.parametrize("text", ["10 DP-12 Dosing pump DP 12\n20 NB-32-160 Pump NB 32-160\n", "1 DP-12\n2 VM-5-10\n"])
def test_the_number_of_a_line_and_the_name_of_a_part_are_no_quantities(reader, text):
    made = typst.compile(b"#set page(width: 200mm)\n" + "\\\n".join(text.splitlines()).encode(), format="pdf")
    inbound = extract(reader.read("pdf", bytes(made)), Layout(), PARTS, "en", date(2026, 11, 25))
    assert inbound.lines == []
