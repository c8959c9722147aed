"""How the documents of this folder were made: `python -m tests.documents.make`, with soffice, chromium and groff installed.

Ten layouts of the demo company's customers, each twice with other line counts and page breaks. Four of them (the program's export,
Calc's and openpyxl's sheets, reportlab's page) use words of their own, which only a person can teach. None comes from Comptoir's own
typesetting: LibreOffice Writer and Calc, Chromium's print, reportlab, groff, an XLSX saved by LibreOffice and one by openpyxl, CSV
exports in UTF-8, cp1250 and cp1251, and the text of a mail.
"""

import csv
import html
import io
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
# our number, description, unit price in cents
GOODS = [
    ("NB-32-160", "Close-coupled pump NB 32-160, cast iron casing with stainless impeller and mechanical seal", 64200),
    ("NB-50-200", "Close-coupled pump NB 50-200", 89400),
    ("NK-40-200", "Long-coupled end-suction pump NK 40-200, without motor, base plate galvanised", 124000),
    ("VM-5-10", "Vertical multistage pump VM 5-10", 66000),
    ("VM-15-5", "Vertical multistage pump VM 15-5", 97800),
    ("DP-12", "Diaphragm dosing pump DP 12", 41200),
    ("DP-60", "Diaphragm dosing pump DP 60, PVDF head, double ball valves, including suction lance", 74400),
]
FIRST, SECOND = range(4), range(31)


def lines(count: range) -> list[tuple[int, str, str, int, int]]:
    """Position, part, description, quantity, cents."""
    return [
        (n * 10 + 10, *GOODS[(n * 3) % len(GOODS)][:2], 2 + (n * 7) % 23, GOODS[(n * 3) % len(GOODS)][2]) for n in count
    ]


def money(cents: int, style: str) -> str:
    text = f"{cents / 100:,.2f}"
    return {
        "en": text,
        "fr": text.replace(",", "\u00a0").replace(".", ","),
        "da": text.translate(str.maketrans(",.", ".,")),
    }[style]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=180)


def _office(source: Path, target: str, folder: str, *more: str) -> Path:
    _run(
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{folder}/profile",
        *more,
        "--convert-to",
        target,
        "--outdir",
        folder,
        str(source),
    )
    return Path(folder) / f"{source.stem}.{target.split(':')[0]}"


def page(
    count: range,
    title: str,
    facts: list[tuple[str, str]],
    heads: list[str],
    row,
    total: str,
    css: str = "",
    net: int | None = None,
) -> str:  # type: ignore[no-untyped-def]
    told = "".join(f"<p>{html.escape(a)}: {html.escape(b)}</p>" for a, b in facts)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row(*line)) + "</tr>" for line in lines(count)
    )
    top = "".join(f"<th>{html.escape(h)}</th>" for h in heads)
    net = sum(q * c for _n, _p, _d, q, c in lines(count)) if net is None else net
    foot = (
        f"<p><b>{html.escape(total.format(net))}</b></p>"
        if "{" in total
        else f"<p><b>{total} {money(net, 'fr')} EUR</b></p>"
    )
    return f"<html><head><meta charset=utf-8><style>body{{font-family:DejaVu Sans,sans-serif;font-size:10pt}}td,th{{padding:3px 8px;text-align:left}}{css}</style></head><body><h1>{html.escape(title)}</h1>{told}<table border=1 cellspacing=0 width='100%'><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{foot}</body></html>"


def french(count: range, po: str) -> str:
    facts = [
        ("Bon de commande n°", po),
        ("Date de commande", "23/11/2026"),
        ("Adresse de livraison", "12 rue du Port, 69007 Lyon"),
        ("Livraison souhaitée", "18/12/2026"),
        ("Conditions de paiement", "30 jours net"),
    ]
    heads = ["Ligne", "Référence", "Désignation", "Qté", "Unité", "P.U. HT", "Montant HT"]
    return page(
        count,
        "Ateliers Rhône Mécanique",
        facts,
        heads,
        lambda n, p, d, q, c: [str(n), p, d, str(q), "pce", money(c, "fr"), money(c * q, "fr")],
        "Total HT",
    )


def german(count: range, po: str) -> str:
    facts = [
        ("Bestellnummer", po),
        ("Bestelldatum", "23.11.2026"),
        ("Lieferadresse", "Hafenstraße 4, 20457 Hamburg"),
        ("Zahlungsbedingungen", "14 Tage netto"),
    ]
    heads = ["Pos.", "Artikel-Nr.", "Bezeichnung", "Menge", "ME", "Einzelpreis", "Gesamtpreis", "Liefertermin"]
    css = "td{vertical-align:middle}thead{display:table-header-group}"
    return page(
        count,
        "Bestellung",
        facts,
        heads,
        lambda n, p, d, q, c: [
            str(n),
            p,
            d,
            str(q),
            "Stk",
            money(c, "da"),
            money(c * q, "da"),
            f"{10 + n // 10 % 15:02}.12.2026",
        ],
        "Gesamtsumme",
        css,
    )


def danish(count: range, po: str) -> list[list[str]]:
    rows = [
        ["Løbenr.", po],
        ["Udskrevet", "23-11-2026"],
        ["Leveringsadresse", "Havnegade 12, 8000 Aarhus C"],
        ["Valuta", "DKK"],
        [],
    ]
    rows += [["Pos.", "Emne", "Beskrivelse", "Stk.", "Enhed", "À pris", "Beløb", "Ønskes"]]
    told = [
        [str(n), p, d, str(q), "stk", money(c, "da"), money(c * q, "da"), "17-12-2026"]
        for n, p, d, q, c in lines(count)
    ]
    net = money(sum(q * c for *_x, q, c in lines(count)), "da")
    return [*rows, *told, ["", "", "I alt", "", "", "", net]]


def _csv(rows: list[list[str]], sign: str, coding: str) -> bytes:
    told = io.StringIO()
    csv.writer(told, delimiter=sign).writerows(rows)
    return told.getvalue().encode(coding)


def slovak(count: range, po: str) -> bytes:
    rows = [
        ["Objednávka č.", po],
        ["Dátum objednávky", "23.11.2026"],
        ["Dodacia adresa", "Prístavná 10, 821 09 Bratislava"],
        [],
        ["Pol.", "Číslo tovaru", "Názov", "Množstvo", "MJ", "Cena za MJ", "Termín dodania"],
    ]
    return _csv(
        rows
        + [
            [str(n), p, d, str(q), "ks", money(c, "da").replace(".", ""), "18. 12. 2026"]
            for n, p, d, q, c in lines(count)
        ],
        ";",
        "cp1250",
    )


def bulgarian(count: range, po: str) -> bytes:
    rows = [
        ["Поръчка №", po],
        ["Дата", "23.11.2026 г."],
        ["Адрес за доставка", "бул. Приморски 22, 9000 Варна"],
        [],
        ["№", "Артикул", "Наименование", "Количество", "Мярка", "Ед. цена", "Срок на доставка"],
    ]
    return _csv(
        rows
        + [
            [str(n), p, f"Помпа {p}", str(q), "бр.", money(c, "da").replace(".", ""), "18.12.2026"]
            for n, p, d, q, c in lines(count)
        ],
        ";",
        "cp1251",
    )


def export(count: range, po: str) -> bytes:
    """A program's export without a header: the order's facts stand in every row, under heads of its own."""
    heads = ["DocNum", "Material", "Text", "Menge_B", "Wunsch", "NetPr"]
    return _csv(
        [heads]
        + [[po, p, d, str(q), f"12/{15 + n // 10 % 3:02}/2026", f"{c / 100:.2f}"] for n, p, d, q, c in lines(count)],
        ",",
        "utf-8",
    )


def wide(count: range, po: str, folder: str) -> bytes:
    """A sheet wider than its paper, printed by Calc: its last columns come out on pages of their own."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Purchase order", po])
    sheet.append(["Delivery date", "2026-12-18"])
    sheet.append([])
    sheet.append(["Pos", "Part number", "Description", "Unit", "Quantity", "Unit price", "Amount"])
    for n, p, d, q, c in lines(count):
        sheet.append([n, p, d, "pcs", q, c / 100, c * q / 100])
    for column, width in zip("ABCDEFG", (18, 14, 36, 10, 12, 14, 16), strict=True):
        sheet.column_dimensions[column].width = width
    book.save(f"{folder}/wide.xlsx")
    return _office(Path(folder) / "wide.xlsx", "pdf", folder).read_bytes()


def mail(count: range, po: str) -> bytes:
    told = "\n".join(f"- {q} x {p}" for _n, p, _d, q, _c in lines(count))
    return f"Dear Emma,\n\nplease enter our order PO number {po} as follows:\n\n{told}\n\nPlease deliver by 18 December 2026.\n\nKind regards,\nJack Turner\n".encode()


def groff(count: range, po: str) -> bytes:
    rows = "\n".join(
        f"{n}\t{p}\tT{{\n{d}\nT}}\t{q}\tpcs\t{money(c, 'en')}\t{money(c * q, 'en')}" for n, p, d, q, c in lines(count)
    )
    net = money(sum(q * c for *_x, q, c in lines(count)), "en")
    source = f".ll 17.5c\n.po 1.5c\n.nf\n\\fBPURCHASE ORDER\\fP\nPO Number: {po}    Date: 23 November 2026\nDelivery date: 18 December 2026\nShip to:\nTurner Water Services Ltd\n14 Dock Road\nHull HU1 2AB\n\nPayment terms: 30 days net\n.sp\n.fi\n.TS H\nbox;\nlb lb lb rb lb rb rb\nr l lw(6c) r l r r.\nItem\tPart No.\tDescription\tQty\tUnit\tUnit Price\tAmount\n.TH\n{rows}\n.TE\n.sp\nTotal GBP {net}\n"
    return subprocess.run(
        ["groff", "-t", "-ms", "-Tpdf"], input=source.encode(), capture_output=True, check=True
    ).stdout


def reportlab(count: range, po: str, path: Path) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    style = getSampleStyleSheet()["Normal"]
    rows = [["No", "Stock ident", "Goods", "Wanted", "Pieces", "Rate EUR", "Worth"]]
    rows += [
        [str(n), p, Paragraph(d, style), "12/18/2026", f"{q} pcs", money(c, "en"), money(c * q, "en")]
        for n, p, d, q, c in lines(count)
    ]
    facts = [
        f"Requisition {po} for Lyskamp",
        "Raised: 11/23/2026",
        "Deliver to: 14 Dock Road, Hull HU1 2AB",
        "Currency: EUR",
    ]
    SimpleDocTemplate(str(path), pagesize=A4, invariant=1).build(
        [
            *[Paragraph(f, style) for f in facts],
            Spacer(1, 12),
            Table(rows, colWidths=[26, 72, 190, 62, 52, 54, 62], repeatRows=1),
        ]
    )


def english_sheet(count: range, po: str, path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Job", po])
    sheet.append(["On site", "18 Dec 2026"])
    sheet.append([])
    sheet.append(["Ident", "Wording", "Take", "Cost"])
    for _n, p, d, q, c in lines(count):
        sheet.append([p, d, q, c / 100])
    book.save(path)


def percent_off(position: int) -> int:
    """What the customers with discounts take off a line, in per cent of its price."""
    return (10, 0, 12, 5)[position // 10 % 4]


def off(position: int, cents: int) -> int:
    """The same in cents off the price of one."""
    return cents * percent_off(position) // 100


def german_discount(count: range, po: str) -> str:
    facts = [("Bestellnummer", po), ("Bestelldatum", "23.11.2026"), ("Liefertermin", "18.12.2026")]
    heads = ["Pos.", "Artikel-Nr.", "Bezeichnung", "Menge", "ME", "Listenpreis", "Rabatt %", "Gesamtpreis"]
    css = "thead{display:table-header-group}"

    def row(n: int, p: str, d: str, q: int, c: int) -> list[str]:
        told = f"{percent_off(n)},0" if percent_off(n) else ""
        return [str(n), p, d, str(q), "Stk", money(c, "da"), told, money((c - off(n, c)) * q, "da")]

    net = sum((c - off(n, c)) * q for n, _p, _d, q, c in lines(count))
    return page(count, "Bestellung", facts, heads, row, "Gesamtsumme", css, net)


def line_discount(count: range, po: str, path: Path) -> None:
    """A page of reportlab that says what is off the whole line."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    style = getSampleStyleSheet()["Normal"]
    rows = [["Line", "Part No.", "Description", "Qty", "Unit Price", "Discount", "Amount"]]
    rows += [
        [str(n), p, Paragraph(d, style), str(q), money(c, "en"), f"-{money(off(n, c) * q, 'en')}", money((c - off(n, c)) * q, "en")]
        for n, p, d, q, c in lines(count)
    ]  # fmt: skip
    facts = [f"PO Number: {po}", "PO Date: 23 November 2026", "Delivery date: 18 December 2026", "Currency: EUR"]
    table = Table(rows, colWidths=[30, 72, 180, 40, 66, 66, 74], repeatRows=1)
    story = [*[Paragraph(fact, style) for fact in facts], Spacer(1, 12), table]
    SimpleDocTemplate(str(path), pagesize=A4, invariant=1).build(story)


def taught_discount(count: range, po: str, path: Path) -> None:
    """A sheet of openpyxl whose head over the discounts nobody knows, without amounts that would tell what they mean."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["PO number", po])
    sheet.append(["Delivery date", "2026-12-18"])
    sheet.append([])
    sheet.append(["Part number", "Description", "Quantity", "Unit price", "Less"])
    for n, p, d, q, c in lines(count):
        sheet.append([p, d, q, c / 100, off(n, c) / 100])
    book.save(path)


def discounts(folder: str) -> None:
    """The documents with a column of discounts."""
    for name, count, po in (("1", FIRST, "4500{}1"), ("2", SECOND, "4500{}2")):
        (Path(folder) / "g.html").write_text(german_discount(count, po.format(82)))
        _printed(Path(folder) / "g.html", f"percent_de_{name}.pdf")
        line_discount(count, po.format(83), HERE / f"line_off_en_{name}.pdf")
        taught_discount(count, po.format(84), HERE / f"less_en_{name}.xlsx")


def _printed(source: Path, name: str) -> None:
    """A page as Chromium prints it."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    _run("chromium", *options, f"--print-to-pdf={HERE}/{name}", f"file://{source}")


def main() -> None:
    """Write every document."""
    with tempfile.TemporaryDirectory() as folder:
        discounts(folder)
        for name, count, po in (("1", FIRST, "4500{}1"), ("2", SECOND, "4500{}2")):
            place = Path(folder)
            (place / "w.html").write_text(french(count, po.format(71)))
            (HERE / f"writer_fr_{name}.pdf").write_bytes(
                _office(place / "w.html", "pdf:writer_web_pdf_Export", folder).read_bytes()
            )
            (place / "c.html").write_text(german(count, po.format(72)))
            _printed(place / "c.html", f"chromium_de_{name}.pdf")
            (place / "d.csv").write_bytes(_csv(danish(count, po.format(73)), ";", "utf-8"))
            filters = "--infilter=CSV:59,34,76,1,,1030,true"
            (HERE / f"calc_da_{name}.xlsx").write_bytes(_office(place / "d.csv", "xlsx", folder, filters).read_bytes())
            (HERE / f"slovak_{name}.csv").write_bytes(slovak(count, po.format(74)))
            (HERE / f"bulgarian_{name}.csv").write_bytes(bulgarian(count, po.format(75)))
            (HERE / f"export_{name}.csv").write_bytes(export(count, po.format(76)))
            (HERE / f"mail_{name}.txt").write_bytes(mail(count, po.format(77)))
            (HERE / f"groff_en_{name}.pdf").write_bytes(groff(count, po.format(78)))
            reportlab(count, po.format(79), HERE / f"reportlab_en_{name}.pdf")
            (HERE / f"calc_wide_{name}.pdf").write_bytes(
                wide(count if name == "1" else range(70), po.format(81), folder)
            )
            english_sheet(count, po.format(80), HERE / f"openpyxl_en_{name}.xlsx")


if __name__ == "__main__":
    main()
