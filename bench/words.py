"""What the bench's customers and reps write: sentences in five languages, put together to lengths that mail really has."""

from random import Random

SENTENCES = {
    "en": (
        "We are still waiting for position {pos} of {po}, which your confirmation promised for {day}.",
        "Could you please tell us where the {part} is at the moment, and when it will arrive?",
        "The delivery note says {n} pieces, but the pallet holds only {m}.",
        "Our maintenance stop begins on {day} and the old {part} has already been taken out.",
        "I have asked production for a firm date and will write to you before the end of the afternoon.",
        "Part deliveries are fine with us as long as the first {m} pieces come this week.",
        "The carrier tried twice and found nobody at gate {n}, so the parcel went back to the depot in {city}.",
        "Please quote {n} pieces of {part} with the seal kit and the longer shaft.",
        "Thank you for the quick answer; I have passed it on to our workshop in {city}.",
        "The bearing on the driven side runs warm after some twenty minutes at full load.",
        "We would rather pay for express freight than stand still for another week.",
        "Enclosed you will find the test certificate and the drawing with the new flange.",
        "Your invoice shows the old price, although the agreement of {day} says otherwise.",
        "As discussed on the telephone, we have split the line: {m} pieces now, the rest on {day}.",
        "Nobody here remembers ordering the second {part}; it looks as if it was booked twice.",
        "If the date cannot be kept, please say so today, then I can still warn our own customer.",
        "The crate was open on one side when it came, and the casting shows a crack near the foot.",
        "I am out of the office until {day}; my colleague in {city} looks after urgent matters.",
        "Stock allows it, so the goods are not the problem; the truck is.",
        "Kindly confirm in writing that the delivery address is now the warehouse in {city}.",
    ),
    "fr": (
        "Nous attendons toujours la position {pos} de notre commande {po}, promise pour le {day}.",
        "Pourriez-vous nous dire où se trouve actuellement la pompe {part} et quand elle arrivera ?",
        "Le bon de livraison indique {n} pièces, mais la palette n'en contient que {m}.",
        "L'arrêt de maintenance commence le {day} et l'ancien accouplement est déjà démonté.",
        "J'ai demandé une date ferme à la production et je reviens vers vous avant la fin de l'après-midi.",
        "Des livraisons partielles nous conviennent, pourvu que les {m} premières pièces arrivent cette semaine.",
        "Le transporteur s'est présenté deux fois au quai {n} et le colis est reparti au dépôt de {city}.",
        "Merci de nous faire une offre pour {n} pièces de {part} avec le jeu de joints.",
        "Je vous remercie de votre réponse rapide, que j'ai transmise à notre atelier de {city}.",
        "Le palier côté entraînement chauffe après une vingtaine de minutes à pleine charge.",
        "Nous préférons payer un transport express plutôt que de rester à l'arrêt une semaine de plus.",
        "Vous trouverez ci-joint le certificat d'essai et le plan avec la nouvelle bride.",
        "Votre facture reprend l'ancien prix, alors que l'accord du {day} prévoit autre chose.",
        "Comme convenu par téléphone, nous avons scindé la ligne : {m} pièces maintenant, le solde le {day}.",
        "La caisse était ouverte d'un côté à l'arrivée et la fonte présente une fissure près du pied.",
        "Si la date ne peut être tenue, dites-le-nous aujourd'hui afin que nous prévenions notre client.",
        "Je suis absent jusqu'au {day} ; ma collègue de {city} traite les demandes urgentes.",
        "Veuillez confirmer par écrit que l'adresse de livraison est désormais l'entrepôt de {city}.",
    ),
    "da": (
        "Vi venter stadig på position {pos} af {po}, som efter jeres bekræftelse skulle være kommet den {day}.",
        "Kan du fortælle os, hvor {part} er lige nu, og hvornår den kommer frem?",
        "Følgesedlen siger {n} stk., men der er kun {m} på pallen.",
        "Vores vedligeholdelsesstop begynder den {day}, og den gamle kobling er allerede taget ud.",
        "Jeg har bedt produktionen om en fast dato og skriver til dig inden fyraften.",
        "Delleverancer er i orden, hvis bare de første {m} stk. kommer i denne uge.",
        "Fragtmanden var her to gange uden at finde port {n}, så pakken er tilbage på terminalen i {city}.",
        "Vi vil gerne have et tilbud på {n} stk. {part} med pakningssæt.",
        "Tak for det hurtige svar, jeg har sendt det videre til værkstedet i {city}.",
        "Lejet på drivsiden bliver varmt efter cirka tyve minutter ved fuld last.",
        "Vi betaler hellere for eksprestransport end at stå stille en uge til.",
        "Vedhæftet er prøvecertifikatet og tegningen med den nye flange.",
        "Jeres faktura viser den gamle pris, selv om aftalen af {day} siger noget andet.",
        "Kassen var åben i den ene side, og støbegodset har en revne ved foden.",
        "Hvis datoen ikke kan holdes, så sig det i dag, så vi kan advare vores egen kunde.",
        "Venligst bekræft skriftligt, at leveringsadressen nu er lageret i {city}.",
    ),
    "sk": (
        "Stále čakáme na položku {pos} objednávky {po}, ktorú ste nám potvrdili na {day}.",
        "Mohli by ste nám napísať, kde sa práve nachádza {part} a kedy dorazí?",
        "Na dodacom liste je {n} kusov, ale na palete sme našli len {m}.",
        "Odstávka sa začína {day} a stará spojka je už vymontovaná.",
        "Požiadal som výrobu o pevný termín a ozvem sa vám do konca popoludnia.",
        "Čiastkové dodávky nám vyhovujú, ak prvých {m} kusov príde ešte tento týždeň.",
        "Dopravca bol dvakrát pri bráne {n} a zásielku vrátil do depa v meste {city}.",
        "Prosíme o cenovú ponuku na {n} kusov {part} so sadou tesnení.",
        "Ďakujem za rýchlu odpoveď, postúpil som ju našej dielni v meste {city}.",
        "Ložisko na strane pohonu sa po dvadsiatich minútach pri plnej záťaži prehrieva.",
        "Radšej zaplatíme expresnú dopravu, ako by sme mali stáť ďalší týždeň.",
        "V prílohe posielame skúšobný protokol a výkres s novou prírubou.",
        "Na faktúre je stará cena, hoci dohoda zo dňa {day} hovorí niečo iné.",
        "Debna bola z jednej strany otvorená a odliatok má pri päte trhlinu.",
        "Ak sa termín nedá dodržať, povedzte nám to dnes, aby sme upozornili nášho zákazníka.",
        "Prosím, potvrďte písomne, že dodacia adresa je odteraz sklad v meste {city}.",
    ),
    "bg": (
        "Все още чакаме позиция {pos} от поръчка {po}, която потвърдихте за {day}.",
        "Бихте ли ни казали къде се намира {part} в момента и кога ще пристигне?",
        "В стоковата разписка са посочени {n} броя, но на палета има само {m}.",
        "Ремонтният престой започва на {day} и старият съединител вече е свален.",
        "Поисках твърда дата от производството и ще ви пиша до края на следобеда.",
        "Частичните доставки ни устройват, стига първите {m} броя да дойдат тази седмица.",
        "Превозвачът идва два пъти до портал {n} и върна пратката в депото в {city}.",
        "Моля за оферта за {n} броя {part} с комплект уплътнения.",
        "Благодаря за бързия отговор, препратих го на нашата работилница в {city}.",
        "Лагерът откъм задвижването загрява след двайсетина минути при пълно натоварване.",
        "Предпочитаме да платим бърз транспорт, отколкото да стоим още една седмица.",
        "Прилагам протокола от изпитването и чертежа с новия фланец.",
        "Във фактурата стои старата цена, макар че споразумението от {day} казва друго.",
        "Касата беше отворена от едната страна, а отливката има пукнатина близо до основата.",
        "Ако срокът не може да се спази, кажете днес, за да предупредим нашия клиент.",
        "Моля, потвърдете писмено, че адресът за доставка вече е складът в {city}.",
    ),
}
PARTS = (
    "GP-40",
    "GP-63",
    "TC-FLEX 80",
    "KV-25",
    "RK-2",
    "SH-110",
    "BV-50 PN16",
    "MX-7",
    "DN65",
    "ZP-12",
    "HC-900",
    "LN-33",
)
CITIES = (
    "Lille",
    "Nantes",
    "Metz",
    "Leeds",
    "Cork",
    "Odense",
    "Esbjerg",
    "Nitra",
    "Žilina",
    "Русе",
    "Пловдив",
    "Zwolle",
)
COMMON = {"en": "delivery", "fr": "livraison", "da": "leveringsadressen", "sk": "dodacom", "bg": "доставка"}
RARE = "quetschventil"
LONGEST = 4_000


class Writer:
    """Writes mails of the bench's people, the same ones for the same seed."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def text(self, language: str, po: str = "", median: int = 420) -> str:
        """A text of some sentences; lengths spread as those of business mail do: many short, a few long."""
        length = min(self.random.lognormvariate(0, 0.8) * median, LONGEST)
        written, sentences = 0, []
        while written < length:
            sentence = self.sentence(language, po)
            sentences.append(sentence)
            written += len(sentence)
        size = self.random.choice((2, 3, 3, 4))
        return "\n\n".join(" ".join(sentences[at : at + size]) for at in range(0, len(sentences), size))

    def sentence(self, language: str, po: str = "") -> str:
        random = self.random
        return random.choice(SENTENCES[language]).format(
            pos=random.randint(1, 9) * 10, po=po or f"PO-{random.randint(10_000, 99_999)}", part=random.choice(PARTS),
            day=f"{random.randint(1, 28)}.{random.randint(1, 12)}.", n=random.randint(5, 60), m=random.randint(1, 4),
            city=random.choice(CITIES),
        )  # fmt: skip

    def html(self, text: str) -> str:
        """The text as a mail program lays it out."""
        paragraphs = "".join(f'<p style="margin:0 0 10px 0">{p}</p>' for p in text.split("\n\n"))
        signature = "<table><tr><td>Dept. 4</td><td>+33 4 65 71 00 00</td></tr><tr><td>www.example</td></tr></table>"
        return f"<div>{paragraphs}<p>--</p>{signature}</div>"
