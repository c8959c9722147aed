"""Playing threads: cases with their conversations, messages, asks, promises and events, written in bulk."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.db import connection

from comptoir.cases.asking import asks_in
from comptoir.cases.clocks import HOURS, open_hours_after, past_closed_days
from comptoir.cases.models import Ask, Attachment, Case, CaseLink, CaseTag, Conversation, Inbox, Message, Recipient, Tag
from comptoir.demo import content, moments, papers
from comptoir.demo.cast import HOME, Cast, Casting, day_in
from comptoir.demo.script import INTERNAL, LOGGED, Say, Thread, fill
from comptoir.lib.calendar import next_business_day
from comptoir.lib.numbers import with_check
from comptoir.people.models import Member

DESKS = {"fr": ("Emma Laurent", "Emma Laurent", "Lotte Verbeke"), "en": ("Lotte Verbeke", "Emma Laurent"),
         "da": ("Jonas Holm",), "sk": ("Zuzana Kováčová",), "bg": ("Ivan Dimitrov",)}  # fmt: skip
State = Case.State


@dataclass(slots=True)
class Play:
    """A thread that has happened: its case and everything that hangs on it."""

    thread: Thread
    cast: Cast | None
    case: Case
    rep: Member
    messages: list[Message] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    recipients: list[Recipient] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    links: list[CaseLink] = field(default_factory=list)

    @property
    def first_answer(self) -> Message | None:
        return next((m for m in self.messages if m.direction == "out"), None)

    @property
    def last_answer(self) -> Message | None:
        """The last thing said to the customer: a mail, or what was said in a call."""
        told = [m for m in self.messages if m.direction == "out" or m.duration_seconds]
        return told[-1] if told else None


class Stage:
    """What all threads are played with."""

    def __init__(self, now: datetime, casting: Casting, random: Random) -> None:
        self.now, self.casting, self.random = now, casting, random
        self.members = {m.name: m for m in Member.objects.all()}
        self.inboxes = {i.language: i for i in Inbox.objects.select_related("team").exclude(name="Accounts")}
        house = content("house")
        self.closings = {f"{row['local']}@{house['domain']}": row["closing"] for row in house["inboxes"]}
        self.serial = 0

    def rep(self, thread: Thread) -> Member:
        """Whoever has it; what is promised in French is the first rep's, whose desk the tour shows."""
        names = DESKS[thread.language]
        return self.members[thread.owner or (names[0] if thread.promise else self.random.choice(names))]

    def stranger(self, thread: Thread) -> tuple[str, str]:
        """Somebody we do not know, by what they want."""
        known = content("plan")["strangers"]
        return tuple(known[thread.language if thread.matter == "spam" else thread.matter])

    def message_id(self, host: str) -> str:
        self.serial += 1
        return f"<{self.serial:05d}.{self.random.getrandbits(40):010x}@{host}>"


def number(plays: list[Play]) -> None:
    """Sort them by when they began, and number them in that order."""
    plays.sort(key=lambda p: p.case.created_at)
    for told, entry in zip(numbers(len(plays)), plays, strict=True):
        entry.case.number = told


def play(stage: Stage, thread: Thread) -> Play | None:
    """The thread with a cast, still unwritten; None when it could not have happened to anybody."""
    if thread.needs == "none":
        return _play(stage, thread, None, moments.anywhere(thread, stage.now, stage.random))
    for window in stage.casting.candidates(thread):
        told = moments.within(thread, window, stage.now, stage.random)
        if told is not None:
            return _play(stage, thread, stage.casting.take(window.row), told)
    return None


def due_on(promise: str, now: datetime) -> date:
    """The day a promise falls due that still lies ahead."""
    today = now.astimezone(HOME).date()
    return next_business_day(today + timedelta(days=1), "BE") if promise == "tomorrow" else today


def numbers(count: int) -> list[str]:
    """The next case numbers, in one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number') FROM generate_series(1, %s)", [count])
        return [f"C-{with_check(row[0])}" for row in cursor.fetchall()]


def _play(stage: Stage, thread: Thread, cast: Cast | None, told: list[datetime]) -> Play:
    theirs, ours = (_names(stage, thread, cast, language) for language in (thread.language, "en"))
    subject = fill(thread.subject, ours if thread.says[0].who in INTERNAL else theirs)[:300]
    inbox, rep = stage.inboxes[thread.language], stage.rep(thread)
    case = Case(
        subject=subject, type=thread.type, priority=thread.priority, state=thread.state,
        customer=cast.customer if cast else None, contact=cast.contact if cast else None, inbox=inbox, team=inbox.team,
        owner=None if thread.state in ("new", "spam") else rep, language=thread.language, created_at=told[0],
        channel=LOGGED.get(thread.says[0].who, "email"), last_message_at=told[-1], flag=thread.flag,
    )  # fmt: skip
    entry = Play(thread, cast, case, rep)
    for say, moment in zip(thread.says, told, strict=True):
        _say(stage, entry, say, fill(say.text, ours if say.who in INTERNAL else theirs), moment)
    _ask(entry)
    _finish(stage, entry)
    if cast is not None and thread.is_about_order:
        how = "po" if cast.order.po_number in entry.messages[0].text + case.subject else "number"
        entry.links.append(
            CaseLink(case=case, noun="order", object_id=cast.order.pk, how=how, positions=[cast.row.line.position])
        )
    return entry


def _names(stage: Stage, thread: Thread, cast: Cast | None, language: str) -> dict[str, str]:
    due = day_in(due_on(thread.promise, stage.now), language)
    return {"due": due, **(cast.names(language) if cast else {})}


def _say(stage: Stage, entry: Play, say: Say, text: str, moment: datetime) -> None:
    if say.who in LOGGED:
        message = _logged(stage, entry, say, text, moment)
    elif say.who == "note":
        author = stage.members[say.by] if say.by else entry.rep
        message = _message(entry, "note", "internal", text, moment, author=author, sender_name=author.name)
    elif say.who == "us":
        message = _out(stage, entry, text, moment)
    else:
        message = _in(stage, entry, text, moment)
        if say.html:
            message.html, message.html_version = papers.formatted(text, say.files), papers.CLEANER_VERSION
    entry.messages.append(message)
    for kind in say.files:
        entry.attachments.append(papers.attachment(kind, message, entry.cast, entry.thread.language))


def _message(entry: Play, channel: str, direction: str, text: str, moment: datetime, **more: object) -> Message:
    conversation = entry.conversations.get(channel)
    if conversation is None:
        conversation = Conversation(
            case=entry.case, channel=channel, inbox=entry.case.inbox, subject=entry.case.subject
        )
        entry.conversations[channel] = conversation
    language = "en" if channel in ("note", "phone", "visit") else entry.thread.language
    return Message(
        case=entry.case, conversation=conversation, direction=direction, text=text, language=language,
        occurred_at=moment, recorded_at=moment, **more,
    )  # fmt: skip


def _in(stage: Stage, entry: Play, text: str, moment: datetime) -> Message:
    cast, earlier = entry.cast, [m for m in entry.messages if m.direction == "out"]
    name, address = (cast.contact.name, cast.email) if cast else stage.stranger(entry.thread)
    subject = f"Re: {entry.case.subject}" if entry.messages else entry.case.subject
    quoted = "\n".join(f"> {line}" for line in earlier[-1].text.splitlines()) if earlier else ""
    message = _message(
        entry, "email", "in", text, moment, contact=cast.contact if cast else None, sender_name=name,
        sender_address=address, subject=subject[:300], quoted=quoted, message_id=stage.message_id(address.split("@")[1]),
        in_reply_to=(earlier[-1].message_id or "") if earlier else "",
        auto_reason="auto-replied" if entry.thread.is_automatic else "",
    )  # fmt: skip
    inbox = stage.inboxes[entry.thread.language]
    entry.recipients.append(Recipient(message=message, role="to", name=inbox.sender_name, address=inbox.address))
    return message


def _out(stage: Stage, entry: Play, text: str, moment: datetime) -> Message:
    assert entry.cast is not None
    inbox, cast = stage.inboxes[entry.thread.language], entry.cast
    known = [m.message_id for m in entry.messages if m.message_id]
    closing = stage.closings[inbox.address]
    message = _message(
        entry, "email", "out", f"{text}\n\n{closing}\n{entry.rep.signature}", moment, state="sent", author=entry.rep,
        sender_name=f"{entry.rep.name} – {inbox.sender_name}", sender_address=inbox.address,
        subject=f"Re: {entry.case.subject}"[:300], message_id=stage.message_id(inbox.address.split("@")[1]),
        in_reply_to=known[-1] if known else "", references=" ".join(known[-20:]),
    )  # fmt: skip
    entry.recipients.append(
        Recipient(
            message=message, role="to", name=cast.contact.name, address=cast.email, tries=1,
            state="bounced" if entry.thread.bounce else "sent", last_error=entry.thread.bounce,
            at=moment + timedelta(seconds=12),
        )
    )  # fmt: skip
    return message


def _logged(stage: Stage, entry: Play, say: Say, text: str, moment: datetime) -> Message:
    assert entry.cast is not None
    seconds = 60 * stage.random.randint(2, 14) if say.who in ("call", "visit") else None
    return _message(
        entry, LOGGED[say.who], "in", text, moment, author=entry.rep, contact=entry.cast.contact,
        sender_name=entry.cast.contact.name, duration_seconds=seconds,
    )  # fmt: skip


def _ask(entry: Play) -> None:
    """What the first message asks for, settled as far as the case is."""
    first = entry.messages[0]
    if entry.thread.is_automatic or entry.cast is None:
        return
    done = entry.case.state in ("resolved", "closed")
    answer = entry.last_answer if done else entry.first_answer
    asked = asks_in(first.text) or ([entry.case.subject] if entry.thread.promise else [])
    for index, text in enumerate(asked):
        ask = Ask(case=entry.case, text=text, message=first, created_at=first.occurred_at)
        if done or (answer is not None and answer is not first and not (entry.thread.promise and index == 0)):
            ask.state, ask.answered_by = Ask.State.ANSWERED, answer
        entry.asks.append(ask)


def _finish(stage: Stage, entry: Play) -> None:
    """State, clocks and what the queue shows."""
    case, thread, random = entry.case, entry.thread, stage.random
    inbound = [m for m in entry.messages if m.direction == "in" and not m.auto_reason]
    case.snippet = " ".join(entry.messages[-1].text.split())[:160]
    case.last_inbound_at = inbound[-1].occurred_at if inbound else None
    case.first_response_at = entry.first_answer.occurred_at if entry.first_answer else None
    last_said = next(m for m in reversed(entry.messages) if m.direction != "internal")
    case.is_unread = thread.state == "new" or (
        thread.state == "open" and last_said.direction == "in" and not last_said.author
    )
    if case.state in ("new", "open", "waiting"):
        due = open_hours_after(case.last_message_at, HOURS[case.priority])
        case.next_update_at = max(due, past_closed_days(stage.now - timedelta(hours=5)))
    if case.state == State.WAITING:
        case.waiting_on = "until" if thread.is_snoozed else thread.waiting_on or "customer"
        case.waiting_until = past_closed_days(stage.now + timedelta(hours=random.randint(6, 120)))
        case.next_update_at = max(case.next_update_at or stage.now, case.waiting_until)
    if case.state in ("resolved", "closed"):
        case.resolved_at = case.last_message_at + timedelta(minutes=random.randint(4, 90))
        case.resolved_at = min(case.resolved_at, stage.now - timedelta(minutes=1))
        case.resolution, case.solved_in_contact = thread.resolution, len(inbound) == 1


def write(plays: list[Play]) -> None:
    """Everything, in bulk."""
    Case.objects.bulk_create([p.case for p in plays])
    Conversation.objects.bulk_create([c for p in plays for c in p.conversations.values()])
    Message.objects.bulk_create([m for p in plays for m in p.messages], batch_size=1_000)
    Recipient.objects.bulk_create([r for p in plays for r in p.recipients], batch_size=2_000)
    Attachment.objects.bulk_create([a for p in plays for a in p.attachments])
    CaseLink.objects.bulk_create([link for p in plays for link in p.links])
    names = sorted({tag for p in plays for tag in p.thread.tags})
    tags = {t.name: t for t in Tag.objects.bulk_create(Tag(name=name) for name in names)}
    CaseTag.objects.bulk_create(CaseTag(case=p.case, tag=tags[name]) for p in plays for name in p.thread.tags)
    Ask.objects.bulk_create([a for p in plays for a in p.asks])
