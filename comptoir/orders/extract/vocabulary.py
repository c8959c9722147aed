"""The words that orders are written with, in English, French, Danish, Slovak, Bulgarian and German (and a little Dutch)."""

import re
import unicodedata
from collections.abc import Iterable

CURRENCIES = {"€": "EUR", "EUR": "EUR", "EURO": "EUR", "£": "GBP", "GBP": "GBP", "$": "USD", "USD": "USD", "US$": "USD",
              "DKK": "DKK", "CHF": "CHF", "BGN": "BGN", "ЛВ": "BGN", "ЛЕВА": "BGN", "CZK": "CZK", "SEK": "SEK", "NOK": "NOK", "PLN": "PLN"}  # fmt: skip
COLUMNS: dict[str, str] = {
    "position": "pos|position|line|line no|no|nr|n|#|lfd nr|poste|ligne|linje|linie|pol|polozka c|p c|por c|riadok|поз|ред|item no line|№|позиция",
    "part": "part|part no|part number|part nr|item|item no|item number|item code|sku|code|product|product code|product no|article|article no|article number|material|material no|"
            "our part|our part no|your part no|supplier part|supplier part no|manufacturer part|catalogue no|"
            "reference|ref|reference article|ref article|code article|n article|no article|article ref|votre reference|votre ref|notre reference|notre ref|designation code|"
            "varenr|varenummer|vare nr|vare|artikelnr|artikelnummer|jeres varenr|vores varenr|deres varenr|"
            "cislo|cislo polozky|cislo tovaru|kod|kod tovaru|katalogove cislo|kat cislo|oznacenie|artikel|c artikla|"
            "код|артикул|арт|арт no|арт номер|номер|каталожен номер|кат номер|кат no|артикулен номер|код на артикул|наш код|ваш код|"
            "artikel nr|art nr|art no|teilenummer|teile nr|materialnummer|material nr|sachnummer|ihre artikelnummer|ihre artikel nr|unsere artikelnummer|bestellnummer artikel",
    "description": "description|item description|product description|product name|name|designation|libelle|intitule|desc|"
                   "beskrivelse|varebeskrivelse|tekst|betegnelse|varetekst|popis|nazov|nazov tovaru|popis tovaru|tovar|описание|наименование|стока|продукт|име|"
                   "bezeichnung|beschreibung|artikelbezeichnung|benennung|omschrijving",
    "quantity": "qty|quantity|quantity ordered|order qty|ordered|amount ordered|qty ordered|quantite|qte|qte cdee|quantite commandee|nombre|"
                "antal|maengde|mangde|bestilt|mnozstvo|mnoz|pocet|objednane|количество|кол|колич|к во|брой|поръчано|menge|anzahl|bestellmenge|aantal",
    "unit": "unit|uom|um|u m|unit of measure|units|unite|u|unite de mesure|enhed|enh|mj|m j|jednotka|мярка|м ка|мерна единица|ед мярка|ед|me|einheit|eh|eenheid",
    "requested_on": "delivery|delivery date|requested|requested date|request date|required|required date|required by|due|due date|need by|need date|needed|ship date|deliver by|"
                    "livraison|date de livraison|date livraison|delai|date souhaitee|livraison souhaitee|souhaitee|delai de livraison|date demandee|"
                    "levering|leveringsdato|leveres|onsket levering|onsket leveringsdato|lev dato|dodanie|datum dodania|termin|termin dodania|dodat do|pozadovany termin|"
                    "доставка|дата на доставка|срок|срок на доставка|желана дата|lieferdatum|liefertermin|wunschtermin|lieferung|leverdatum",
    "discount": "discount|disc|disc pct|discount pct|discount percent|rebate|remise|rem|rabais|taux remise|montant remise|rabat|rabat pct|rabat procent|rabatsats|rab|"
                "zlava|zlava na mj|rabatt|nachlass|отстъпка|ото|отст|korting",
    "unit_price": "price|unit price|price each|each|net price|price unit|unit cost|rate|prix|prix unitaire|prix unit|pu|p u|pu ht|p u ht|prix unitaire ht|prix unit ht|prix net|prix ht|"
                  "list price|gross price|prix brut|prix catalogue|prix tarif|bruttopris|listepris|cennikova cena|bruttopreis|listenpreis|каталожна цена|"
                  "pris|stykpris|enhedspris|stk pris|pris stk|nettopris|pris pr stk|pris pr enhed|cena|jednotkova cena|cena mj|cena za mj|cena ks|cena za ks|j cena|jedn cena|cena bez dph|"
                  "цена|единична цена|ед цена|цена без ддс|цена за бр|preis|einzelpreis|stuckpreis|e preis|preis einheit|nettopreis|ep|prijs|stukprijs",
    "per": "per|par|pro|price unit qty|preiseinheit|pe",
    "net": "ext|net|net amount|amount|total|line total|total price|value|net value|extended|extended price|ext price|line amount|montant|montant ht|total ht|prix total|total ligne|"
           "belob|i alt|beloeb|total dkk|linjetotal|spolu|celkom|suma|cena celkom|spolu bez dph|сума|стойност|общо|обща цена|сума без ддс|betrag|gesamt|gesamtpreis|nettobetrag|summe|gesamtbetrag|bedrag",
}  # fmt: skip
GROSS = frozenset(
    "price|list price|gross price|prix brut|prix catalogue|prix tarif|bruttopris|listepris|cennikova cena|bruttopreis|listenpreis|каталожна цена".split(
        "|"
    )
)
NET = ("net price", "prix net", "nettopris", "nettopreis")  # heads of prices that have their discount taken off
# The column of numbers that are ours, where the customer's own stand in another.
OURS_TEXTS = (
    "ref fournisseur|reference fournisseur|votre reference|votre ref|supplier item|supplier item no|supplier part|supplier part no|vendor part|vendor item|vendor part no|your part|your part no|"
    "your item no|lieferantenartikel|lieferanten artikelnr|lieferanten artikel nr|ihre artikelnummer|ihre artikel nr|ihre art nr|jeres varenr|deres varenr|leverandorens varenr|"
    "vase cislo|cislo dodavatela|kod dodavatela|ваш код|код на доставчика|ваш каталожен номер"
)
LABELS: dict[str, str] = {
    "po_number": "po number|po no|po|p o|p o number|p o no|purchase order|purchase order no|purchase order number|order no|order number|our order|our order no|po ref|customer po|your po|order ref|order reference|order|"
                 "commande|commande no|commande n|bon de commande|bon de commande n|bon de commande no|n de commande|no de commande|numero de commande|no commande|n commande|reference commande|notre commande|"
                 "ordre|ordrenr|ordre nr|ordrenummer|indkobsordre|indkobsordre nr|indkobsordrenr|bestilling|bestilling nr|bestillingsnr|bestillingsnummer|rekv nr|rekvnr|rekvisition|rekvisitionsnr|vores ordrenr|vores ordre|"
                 "objednavka|objednavka c|objednavka cislo|cislo objednavky|c objednavky|obj c|nasa objednavka|"
                 "поръчка|поръчка no|поръчка номер|номер на поръчка|поръчка n|заявка|заявка no|поръчка за доставка|"
                 "bestellung|bestellung nr|bestellnummer|bestell nr|bestellnr|unsere bestellung|auftrag|auftragsnummer|bestelnummer",
    "po_date": "date|order date|po date|dated|issue date|date of order|date de commande|date commande|date du document|le|dato|ordredato|bestillingsdato|datum|datum objednavky|datum vystavenia|vystavene|datum vystavenia objednavky|дата|дата на поръчка|от дата|bestelldatum|belegdatum|auftragsdatum",
    "requested_on": "delivery date|requested delivery|requested delivery date|required date|deliver by|required by|delivery by|requested date|need by|date of delivery|please deliver by|wanted by|"
                    "date de livraison|livraison souhaitee|date de livraison souhaitee|livraison le|livraison pour le|delai|a livrer le|livraison avant le|leveringsdato|onsket levering|onsket leveringsdato|levering senest|leveres senest|"
                    "datum dodania|termin dodania|dodat do|pozadovany termin|pozadovany termin dodania|дата на доставка|срок на доставка|срок за доставка|желана дата|желана дата на доставка|доставка до|lieferdatum|liefertermin|wunschtermin|gewunschter liefertermin|lieferung bis",
    "currency": "currency|devise|monnaie|valuta|mena|валута|wahrung",
    "ship_to": "ship to|deliver to|delivery address|ship to address|shipping address|delivery to|place of delivery|adresse de livraison|livrer a|lieu de livraison|livraison a|leveringsadresse|leveres til|levering til|"
               "dodacia adresa|miesto dodania|adresa dodania|dorucit na|адрес за доставка|адрес на доставка|място на доставка|lieferadresse|lieferanschrift|lieferung an",
    "terms": "payment terms|terms|terms of payment|payment|conditions de paiement|paiement|modalites de paiement|reglement|betalingsbetingelser|betaling|platobne podmienky|splatnost|условия на плащане|плащане|начин на плащане|zahlungsbedingungen|zahlung|zahlungsziel",
}  # fmt: skip
TOTALS = (
    "total|grand total|order total|total net|net total|total amount|total excl vat|total ht|montant total|total general|total commande|total ttc|total hors taxe|net a payer|"
    "i alt|ialt|total ekskl moms|samlet|i alt ekskl moms|spolu|celkom|celkova suma|spolu bez dph|suma spolu|общо|всичко|общо без ддс|обща сума|gesamt|gesamtsumme|summe|gesamtbetrag|nettobetrag gesamt|total netto|netto|total eur|total dkk|total gbp|total bgn"
)
SKIPPED = (
    "subtotal|sub total|sous total|vat|tva|moms|dph|ддс|mwst|carried forward|brought forward|carry over|a reporter|report|transport|ubertrag|overfort|overforsel|prenos|пренос|delsum|medzisucet|междинна сума|zwischensumme|page total|page|side|strana|стр|страница|seite|"
    "freight|shipping"
)
UNITS = {
    "pcs": "pcs off pc pce pces piece pieces ea each stk stk. st st. stück stuck stuks ks kus kusov kusy бр бр. броя брой unité unite unités unites u un szt pièce pièces piece(s) no nos",
    "m": "m mtr meter metre metres mètre mètres метър метра м lm",
    "kg": "kg kgs kilo kilogram кг",
    "l": "l ltr liter litre litres литър литра л",
    "box": "box boxes bx ctn carton cartons boîte boite boîtes æske aeske karton kartón balenie bal кутия кутии pack pk pkg paquet",
    "set": "set sets jeu jeux sæt saet sada комплект к-т satz kit",
    "pair": "pair pairs paire paires par pár чифт paar",
    "h": "h hour hours heure heures time timer hod час часа",
}  # fmt: skip
# Words that only one of the languages writes over an order: by them a document's language is told, for its goods often have English names.
SPOKEN = {
    "en": "qty quantity description delivery unit price part order date payment terms ship amount number required",
    "fr": "commande bon livraison quantite qte designation montant paiement reference prix unitaire souhaitee adresse ligne jours unite",
    "da": "indkobsordre ordredato leveringsdato leveringsadresse varenr beskrivelse antal enhed stykpris belob onsket betaling dage",
    "sk": "objednavka objednavky dodacia adresa cislo tovaru nazov mnozstvo cena termin dodania splatnost polozka",
    "bg": "поръчка дата доставка артикул наименование количество мярка цена срок плащане адрес",
    "de": "bestellung bestellnummer bestelldatum lieferadresse liefertermin artikel bezeichnung menge einzelpreis gesamtpreis zahlungsbedingungen preis tage summe",
}  # fmt: skip
MONTHS = (
    "jan january janvier janv januar januára januara jänner януари ян", "feb february février fevrier fevr févr februar februára februara февруари фев",
    "mar march mars marts marec marca märz marz март", "apr april avril avr apríl apríla aprila април апр", "may mai maj máj mája maja май",
    "jun june juin juni jún júna juna юни", "jul july juillet juil juli júl júla jula юли", "aug august août aout augusta август авг",
    "sep sept september septembre septembra септември сеп", "oct october octobre oktober okt október októbra oktobra октомври окт",
    "nov november novembre novembra ноември ное", "dec december décembre decembre déc dez dezember decembra декември дек",
)  # fmt: skip
LINE_WORDS = "x × stk stk. pcs pc ks бр бр. ea pieces pièces"


def plain(text: str) -> str:
    """A label without accents, case and signs, as the vocabulary has it."""
    text = (
        text.casefold().replace("№", " no ").replace("n°", "n ").replace("æ", "ae").replace("ø", "o").replace("ß", "ss")
    )
    if "й" in text or "ѝ" in text:
        text = text.replace("ѝ", "и")
    cyrillic = any("а" <= c <= "я" for c in text)
    if not cyrillic:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = re.sub(r"\((?:[^)]*)\)", " ", text)
    text = re.sub(r"[^\w#]+", " ", text).replace("_", " ")
    words = [w for w in text.split() if w.upper() not in CURRENCIES or len(text.split()) == 1]
    return " ".join(words)


def _by_text(groups: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, texts in groups.items():
        for text in texts.split("|"):
            found.setdefault(plain(text), field)
    return found


OURS = frozenset(plain(text) for text in OURS_TEXTS.split("|"))
COLUMN_OF = _by_text(COLUMNS | {"part": f"{COLUMNS['part']}|{OURS_TEXTS}"})
LABEL_OF = _by_text(LABELS)
TOTAL_TEXTS = frozenset(plain(t) for t in TOTALS.split("|"))
SKIPPED_TEXTS = frozenset(plain(t) for t in SKIPPED.split("|"))
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words.split()}
MONTH_OF = {word: index for index, words in enumerate(MONTHS, 1) for word in words.split()}


def unit_of(text: str) -> str:
    """The unit a word means; the word itself where it is not known."""
    word = text.strip().strip("./").casefold()
    return UNIT_OF.get(word) or UNIT_OF.get(word + ".") or word


def spoken_in(texts: Iterable[str]) -> str:
    """The language that the words over an order are of; nothing where fewer than two of them tell it, or two languages as well."""
    said = {word for text in texts for word in plain(text).split()}
    votes = sorted(((len(said & set(words.split())), language) for language, words in SPOKEN.items()), reverse=True)
    return votes[0][1] if votes[0][0] >= 2 and votes[0][0] > votes[1][0] else ""
