"""Threads composed from parts: openings, what happened, what is asked, closings, and what answers them.

A part may hold alternatives, `{so|like this}`. Parts of a kind are dealt like cards, so that none comes back before all
others were used; no first message is composed twice.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from comptoir.demo import content
from comptoir.demo.script import LANGUAGES, Say, Thread

CHOICE = re.compile(r"\{([^{}]*)\}")
SIGNS = {"plain": ("$first", "$contact", "$contact", "$contact\n$customer", "$first\n$customer"),
         "formal": ("$contact\n$customer\n$city", "$contact\n$customer", "$contact, $customer")}  # fmt: skip
PRESSING = ("late", "lost", "complaint", "wrong_part", "short", "damage", "certificate")  # matters with urgent asides
PROMISES = ("today", "tomorrow")
MOST_TURNS = 60
# In how many of a hundred: a call instead of a mail, an HTML mail, a priority above normal.
CALLS, FORMATTED, RAISED = 8, 12, 7


@dataclass(frozen=True, slots=True)
class Place:
    """A case that the desk needs: its state, whose it is, and what was promised."""

    language: str
    state: str
    owner: str = ""
    is_snoozed: bool = False
    promise: str = ""

    @property
    def has_ended(self) -> bool:
        return self.state in ("resolved", "closed")


def places(language: str, written: tuple[Thread, ...], share: float, random: Random) -> list[Place]:
    """What is still wanted of a language when the threads written by hand have their places."""
    plan = content("plan")[language]
    mine = [t for t in written if t.language == language]
    wanted = [Place(language, "new")] * plan["new"]
    for name, count in plan["open"].items():
        promises = PROMISES if count >= 9 else ()
        wanted += [Place(language, "open", name, promise=p) for p in (*promises, *[""] * (count - len(promises)))]
    for name, count in plan["waiting"].items():
        wanted += [Place(language, "waiting", name)] * count
    for name, count in plan["snoozed"].items():
        wanted += [Place(language, "waiting", name, is_snoozed=True)] * count
    wanted = _without(wanted, mine)
    ended = plan["cases"] - len(wanted) - len(mine)
    wanted += [Place(language, "closed" if random.random() < 0.8 else "resolved") for _ in range(ended)]
    return wanted if share == 1 else random.sample(wanted, round(len(wanted) * share))


def _without(wanted: list[Place], mine: list[Thread]) -> list[Place]:
    """The places that no thread written by hand has taken; one of another owner takes one of the same state."""
    left = list(wanted)
    for thread in mine:
        same = [p for p in left if p.state == thread.state and p.is_snoozed == thread.is_snoozed]
        fitting = [p for p in same if p.owner == thread.owner and not p.promise] or [p for p in same if not p.promise]
        if fitting:
            left.remove(fitting[0])
    return left


class Deck:
    """Cards dealt in random order; shuffled anew when all were dealt."""

    def __init__(self, cards: list[str], random: Random) -> None:
        self.cards, self.random, self.left = cards, random, list[str]()

    def deal(self) -> str:
        """The next card, its alternatives chosen."""
        if not self.left:
            self.left = random_order(self.cards, self.random)
        return chosen(self.left.pop(), self.random)


def chosen(part: str, random: Random) -> str:
    """The part with one of each of its alternatives."""
    return CHOICE.sub(lambda m: random.choice(m[1].split("|")), part)


def random_order(cards: list[str], random: Random) -> list[str]:
    return random.sample(cards, len(cards))


class Speaker:
    """Composes the threads of one language."""

    def __init__(self, language: str, random: Random) -> None:
        self.language, self.random = language, random
        self.parts, self.house = content(f"grammar/{language}"), content("grammar/house")["matters"]
        self.decks: dict[str, Deck] = {}
        self.said: set[str] = set()
        self.matters: list[str] = []

    def thread(self, place: Place) -> Thread:
        """A thread for a place on the desk."""
        matter = self._matter(place)
        house = self.house[matter]
        end = self._end(matter)
        is_call = self.random.randrange(100) < CALLS and "calls" in house
        first = (self._call(matter) if is_call else None) or self._mail(matter, end)
        says = (first, *self._rest(matter, place, first, end))
        thread = Thread(
            language=self.language, matter=matter, subject=self._subject(matter, first), says=says,
            needs=house.get("needs", "any"), kind=house.get("kind", ""), state=place.state, owner=place.owner,
            is_snoozed=place.is_snoozed, promise=self._promise(place, says), waiting_on=self._waits(house, says),
            priority="high" if self.random.randrange(100) < RAISED else "normal",
        )  # fmt: skip
        return replace(thread, resolution=house["ends"][end].partition(" // ")[0]) if place.has_ended else thread

    def _matter(self, place: Place) -> str:
        """The matters by their weights; nobody waits for an answer to praise."""
        if not self.matters:
            known = self.parts["matters"]
            self.matters = random_order([m for m in known for _ in range(self.house[m]["weight"])], self.random)
        matter = self.matters.pop()
        return self._matter(place) if matter == "praise" and not place.has_ended and place.state != "new" else matter

    def _deal(self, source: dict[str, Any], owner: str, part: str) -> str:
        name = f"{owner}.{part}.{id(source)}"
        if name not in self.decks:
            self.decks[name] = Deck(source[part], self.random)
        return self.decks[name].deal()

    def _own(self, matter: str, part: str) -> str:
        return self._deal(self.parts["matters"][matter], matter, part)

    def _any(self, part: str) -> str:
        return self._deal(self.parts, "", part)

    def _subject(self, matter: str, first: Say) -> str:
        if first.who == "call":
            return self._deal(self.house[matter], matter, "titles")
        return self._own(matter, "subjects")

    def _call(self, matter: str) -> Say | None:
        text = self._fresh(lambda: self._deal(self.house[matter], matter, "calls"))
        return Say("call", text) if text else None

    def _mail(self, matter: str, end: int) -> Say:
        files = tuple(self.house[matter].get("files", ())) if self.random.random() < 0.2 else ()
        return Say(
            "customer", self._fresh(lambda: self._composed(matter, end)), files=files,
            html=self.random.randrange(100) < FORMATTED,
        )  # fmt: skip

    def _fresh(self, compose: Callable[[], str]) -> str:
        """A text nobody has said yet; empty when none was found in so many turns."""
        for _turn in range(MOST_TURNS):
            text = compose()
            if text not in self.said:
                self.said.add(text)
                return text
        return ""

    def _composed(self, matter: str, end: int) -> str:
        """A first message: some are formal, some plain, some two lines without a greeting."""
        manner = self.random.choices(("plain", "formal", "bare"), (55, 27, 18))[0]
        told, ask = self._told(matter, end), self._own(matter, "asks")
        body = [f"{told} {ask}"] if self.random.random() < 0.45 or manner == "bare" else [told, ask]
        if manner == "bare":
            return "\n\n".join([*body, self.random.choice(("$contact", "$first", "$contact, $customer"))])
        if self.random.random() < 0.3 and matter != "praise":
            body.append(self._aside(matter))
        opening, sign = self._any(f"{manner}_openings"), self.random.choice(SIGNS[manner])
        return "\n\n".join([self._begun(opening, body[0]), *body[1:], f"{self._any(f'{manner}_closings')}\n{sign}"])

    def _told(self, matter: str, end: int) -> str:
        """What happened; where a matter's ends belong to one cause each, the cause of that end."""
        if self.house[matter].get("paired"):
            return chosen(self.parts["matters"][matter]["told"][end], self.random)
        return self._own(matter, "told")

    def _aside(self, matter: str) -> str:
        text = self._any("asides")
        while text.startswith("! ") and matter not in PRESSING:
            text = self._any("asides")
        return text.removeprefix("! ")

    def _begun(self, opening: str, text: str) -> str:
        """Greeting and text; after the greeting's comma Slovak goes on with a small letter."""
        if self.language == "sk" and opening.endswith(",") and (text[1:2].islower() or text[1:2] == " "):
            text = text[0].lower() + text[1:]
        return f"{opening}\n\n{text}"

    def _end(self, matter: str) -> int:
        """Which of the matter's ends it comes to, dealt as the parts are."""
        name = f"{matter}.end"
        if name not in self.decks:
            self.decks[name] = Deck([str(number) for number in range(len(self.house[matter]["ends"]))], self.random)
        return int(self.decks[name].deal())

    def _rest(self, matter: str, place: Place, first: Say, end: int) -> Iterator[Say]:
        """What followed: nothing yet on a new case, an answer on one that has ended."""
        if place.state == "new":
            return
        chance = self.random.random()
        if place.has_ended:
            yield from self._solved(matter, first, end, chance)
        elif place.state == "waiting" or place.promise or chance < 0.55:
            yield from self._held(matter, place, first, chance)
        elif chance < 0.8:
            yield self._note(self._deal(self.house[matter], matter, "notes"))

    def _solved(self, matter: str, first: Say, end: int, chance: float) -> Iterator[Say]:
        if chance < 0.35:
            held = self._answer(self._own(matter, "holding"), first, 5)
            yield held
            if chance < 0.28 and "?" not in held.text:
                yield Say("customer", self._any("nudges"), self.random.uniform(20, 50))
        note = self.house[matter]["ends"][end].partition(" // ")[2]
        if note and 0.15 < chance < 0.6:
            yield self._note(note)
        text = chosen(self.parts["matters"][matter]["answers"][end], self.random)
        files = tuple(self.house[matter].get("answer_files", ())) if self.random.random() < 0.2 else ()
        yield self._answer(text, self._opened(first, chance), 14, files)
        if self.random.random() < 0.45:
            yield Say("customer", self._any("thanks"), self.random.uniform(0.4, 20))

    def _held(self, matter: str, place: Place, first: Say, chance: float) -> Iterator[Say]:
        if chance < 0.4:
            yield self._note(self._deal(self.house[matter], matter, "notes"))
        held = self._answer(self._own(matter, "holding"), first, 5)
        yield held
        if place.state == "open" and "?" not in held.text and self.random.random() < 0.75:
            yield Say("customer", self._any("nudges"), self.random.uniform(4, 30))

    def _answer(self, text: str, first: Say | None, most: float, files: tuple[str, ...] = ()) -> Say:
        """Our answer; only a first one to a mail thanks for the mail."""
        plainly = first is None or first.who == "call"
        opening = self.parts["answer_openings"][0] if plainly else self._any("answer_openings")
        return Say("us", self._begun(opening, text), self.random.uniform(0.5, most), files=files)

    def _opened(self, first: Say, chance: float) -> Say | None:
        return first if chance >= 0.35 else None

    def _note(self, note: str) -> Say:
        by, _colon, text = chosen(note, self.random).rpartition(":: ")
        return Say("note", text, self.random.uniform(0.3, 4), by=by)

    def _promise(self, place: Place, says: tuple[Say, ...]) -> str:
        answered = [say for say in says[1:] if say.who == "us"]
        if place.promise and answered:
            return place.promise
        if place.has_ended and len(answered) > 1:
            return "late" if self.random.random() < 0.15 else "kept"
        return ""

    def _waits(self, house: dict[str, Any], says: tuple[Say, ...]) -> str:
        """On the customer where we asked something last, else on whoever has to tell us."""
        if any("?" in say.text for say in says[1:] if say.who == "us"):
            return "customer"
        return str(self.random.choice([w for w in house.get("waits", ()) if w != "customer"] or ["department"]))


def parts(written: tuple[Thread, ...], share: float, random: Random) -> Iterator[tuple[Speaker, Place]]:
    """Every place that is left on the desk, with who speaks there."""
    for language in LANGUAGES:
        speaker = Speaker(language, random)
        for place in places(language, written, share, random):
            yield speaker, place
