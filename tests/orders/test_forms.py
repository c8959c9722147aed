"""Forms of a product's name in the five languages, and other products that only look like it."""

import pytest

from comptoir.orders.extract.forms import are_forms

SAME = {
    "en": ["blue hinge = blue hinges", "battery pack = battery packs", "spare battery = spare batteries", "gas valve = gas valves",
           "shelf bracket = shelf brackets", "brass bush = brass bushes"],
    "fr": ["charnière bleue = charnières bleues", "tuyau souple = tuyaux souples", "joint plat = joints plats",
           "vérin long = vérins longs", "canal blanc = canaux blancs", "pompe blanche = pompes blanches"],
    "da": ["blåt hængsel = blå hængsler", "rød møtrik = røde møtrikker", "lang bolt = lange bolte", "sort pakning = sorte pakninger",
           "rustfri cylinder = rustfri cylindre", "grøn ventil = grønne ventiler"],
    "sk": ["modrý pánt = modrých pántov", "modrý pánt = modré pánty", "dlhá skrutka = dlhých skrutiek", "ploché tesnenie = plochých tesnení",
           "ozubené koleso = ozubených kolies", "malé čerpadlo = malých čerpadiel", "guľový ventil = guľovými ventilmi"],
    "bg": ["син панта = сините панти", "черен болт = черни болтове", "дълъг винт = дълги винта", "ново уплътнение = нови уплътнения",
           "маслен филтър = маслени филтри", "малка помпа = малките помпи", "нов лагер = новите лагери"],
}  # fmt: skip
OTHER = {
    "en": ["blue mount = blue mounting", "steel couple = steel coupling", "blue hinge = red hinges", "bearing 6204 = bearings 6205",
           "door seal = door sealer", "hose clip = hose clamps"],
    "fr": ["support long = supporteur long", "pompe bleue = pompage bleu", "joint plat = jointure plate", "vis noire = vissage noir"],
    "da": ["blå ventil = blå ventilator", "lang bolt = lang bøjle", "rødt hængsel = blå hængsler", "pumpe 12 = pumper 120"],
    "sk": ["dlhá skrutka = dlhý skrutkovač", "modrý pánt = modrá páska", "čierny ventil = čierny ventilátor",
           "hadica plochá = hadička plochá", "modrý pánt = modrých pántov 300"],
    "bg": ["син болт = синя боя", "малка помпа = малък помпаж", "черен ключ = черна ключалка", "нов лагер = нова лагерка"],
}  # fmt: skip


def pairs(told: dict[str, list[str]]) -> list[tuple[str, list[str], list[str]]]:
    return [(language, *(side.split() for side in one.split(" = "))) for language, some in told.items() for one in some]  # type: ignore[misc]


@pytest.mark.parametrize(("language", "one", "other"), pairs(SAME))
def test_forms_of_one_name_are_the_same(language, one, other):
    assert are_forms(one, other, [language])
    assert are_forms(other, one, ["en", language])


@pytest.mark.parametrize(("language", "one", "other"), pairs(OTHER))
def test_names_of_other_products_are_not(language, one, other):
    assert not are_forms(one, other, [language, "en"])
