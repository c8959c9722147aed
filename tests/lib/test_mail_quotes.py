"""Quoted text is folded, never lost."""

import pytest

from comptoir.lib.mail.quotes import split

OLD = "> We confirm the 18th.\n> Kind regards\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 23 Nov 2026 at 10:00, Bo Hansen <bo@example.com> wrote:",
        "Le lun. 23 nov. 2026 à 10:00, Bo Hansen <bo@example.com> a écrit :",
        "Den man. 23. nov. 2026 kl. 10.00 skrev Bo Hansen <bo@example.com>:",
        "Dňa 23. novembra 2026 o 10:00 Bo Hansen <bo@example.com> napísal(a):",
        "po 23. 11. 2026 o 10:00 Bo Hansen <bo@example.com> napísal:",
        "На пн, 23.11.2026 г. в 10:00 Бо Хансен <bo@example.com> написа:",
        "Am Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Bo Hansen <bo@example.com>:",
        "On Mon, 23 Nov 2026 at 10:00, Bo Hansen with a long name\n<bo@example.com> wrote:",
    ],
)
@pytest.mark.parametrize("quoted", [OLD, "We confirm the 18th.\nKind regards\n"])
def test_an_answer_above_its_quote_is_found_in_every_language(attribution: str, quoted: str) -> None:
    text = f"We need it sooner.\n\nAnna\n\n{attribution}\n\n{quoted}"
    fresh, tail = split(text)
    assert fresh.strip() == "We need it sooner.\n\nAnna"
    assert fresh + tail == text


@pytest.mark.parametrize(
    "block",
    [
        "-----Original Message-----\nFrom: Bo\nSent: Monday\n",
        "-----Message d'origine-----\nDe : Bo\nEnvoyé : lundi\n",
        "-----Oprindelig meddelelse-----\nFra: Bo\n",
        "-----Pôvodná správa-----\nOd: Bo\n",
        "-----Оригинално съобщение-----\nОт: Бо\n",
        "-----Ursprüngliche Nachricht-----\nVon: Bo\n",
        "From: Bo Hansen <bo@example.com>\nSent: Monday, 23 November 2026 10:00\nTo: Anna\nSubject: RE: order\n",
        "De : Bo Hansen <bo@example.com>\nEnvoyé : lundi 23 novembre 2026 10:00\nÀ : Anna\nObjet : RE: commande\n",
        "Fra: Bo\nSendt: mandag\nTil: Anna\nEmne: SV: ordre\n",
        "Od: Bo\nOdoslané: pondelok\nKomu: Anna\nPredmet: RE: objednávka\n",
        "От: Бо\nИзпратено: понеделник\nДо: Анна\nОтносно: RE: поръчка\n",
        "Von: Bo\nGesendet: Montag\nAn: Anna\nBetreff: AW: Auftrag\n",
    ],
)
def test_a_mail_program_s_block_begins_the_tail(block: str) -> None:
    fresh, tail = split(f"Please hurry.\n\n{block}\nold text without marks\n")
    assert fresh.strip() == "Please hurry."
    assert tail.startswith(block)


@pytest.mark.parametrize(
    "text",
    [
        "I wrote to you on 3 May 2026 and nobody answered.\nFrom: now on please call.\n",
        "> When can you ship?\nOn Friday, surely.\n> And how?\nBy truck.\n",
        "On Mon, Bo <b@x.y> wrote:\n> When can you ship?\n\nThat is my question too!\n",
        "> only a quote\n> and nothing else\n",
        "---------- Forwarded message ---------\nFrom: Zoé\nPlease read this order: 20 pieces\n",
        "",
    ],
)
def test_what_the_customer_wrote_is_never_folded(text: str) -> None:
    assert split(text) == (text, "")
