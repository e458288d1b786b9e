"""How many structured identifiers the kit finds in generated documents, and how much else it takes for one.

`python benchmarks/identifiers.py [--quick] [--write]`. Documents are letters, chats, JSON, CSV, logs, Markdown, HTML
and code; each holds some identifiers in one of their usual spellings and some near misses: numbers with a wrong check,
versions, dates, order numbers, hashes, placeholders. Of the near misses some pass a check by chance, which costs
precision as it does in life. `--write` keeps the figures on the page of benchmarks.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import string
from collections import Counter
from collections.abc import Callable

from _bars import Bar, keep, machine, verdict

from riskkit.measures.identifiers import identifiers, luhn, mod_97

KINDS = ("email", "card", "ssn", "iban", "ip", "phone", "key")
FIRST = ("anna", "li.wei", "o'brien", "jo", "maria-lena", "k_smith", "pat+news", "x9")
HOSTS = (
    "example.org",
    "mail.example.co.uk",
    "test-firm.de",
    "a.b.example.com",
    "exämple.fr",
    "example.museum",
)
Dice = random.Random
Maker = Callable[[Dice], str]


def digits(dice: Dice, count: int) -> str:
    """So many random digits."""
    return "".join(str(dice.randrange(10)) for _ in range(count))


def email(dice: Dice) -> str:
    """An address, now and then spelt so that harvesters miss it."""
    name, host = dice.choice(FIRST) + digits(dice, dice.randrange(3)), dice.choice(HOSTS)
    plain = f"{name}@{host}"
    return dice.choice(
        [
            plain,
            plain,
            plain.upper(),
            plain,
            plain.replace("@", " [at] ").replace(".", " [dot] ") if "." not in name else plain,
        ]
    )


def card(dice: Dice) -> str:
    """A number of one of six schemes with a valid check, in three spellings."""
    first, length = dice.choice(
        [("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16), ("36", 14), ("62", 16), ("3530", 16)]
    )
    body = first + digits(dice, length - len(first) - 1)
    whole = next(body + str(d) for d in range(10) if luhn(body + str(d)))
    return spaced(whole, 4, dice.choice(["", " ", "-"]))


def spaced(text: str, step: int, sign: str) -> str:
    """``text`` cut into groups."""
    return sign.join(text[i : i + step] for i in range(0, len(text), step))


def ssn(dice: Dice) -> str:
    """A US number in use, with hyphens, spaces or after its name."""
    area = dice.choice([a for a in range(1, 900) if a != 666])
    parts = f"{area:03d}", f"{dice.randrange(1, 100):02d}", f"{dice.randrange(1, 10000):04d}"
    return dice.choice(["-".join(parts), "-".join(parts), " ".join(parts), f"SSN: {''.join(parts)}"])


def iban(dice: Dice) -> str:
    """An account number of one of eight countries with a valid check."""
    country, form = dice.choice(
        [
            ("DE", "n" * 18),
            ("GB", "aaaa" + "n" * 14),
            ("FR", "n" * 10 + "c" * 11 + "nn"),
            ("NL", "aaaa" + "n" * 10),
            ("NO", "n" * 11),
            ("MT", "aaaa" + "n" * 5 + "c" * 18),
            ("CH", "n" * 5 + "c" * 12),
            ("PL", "n" * 24),
        ]
    )
    pools = {"n": string.digits, "a": string.ascii_uppercase, "c": string.ascii_uppercase + string.digits}
    body = "".join(dice.choice(pools[c]) for c in form)
    check = next(f"{c:02d}" for c in range(2, 99) if mod_97(f"{country}{c:02d}{body}"))
    whole = f"{country}{check}{body}"
    return dice.choice([whole, spaced(whole, 4, " "), spaced(whole, 4, " "), whole.lower()])


def ip(dice: Dice) -> str:
    """A version 4 or 6 address, some with a port."""
    if dice.random() < 0.6:
        return ".".join(str(dice.randrange(1, 224 if i == 0 else 256)) for i in range(4)) + dice.choice(
            ["", "", ":8080"]
        )
    parts = [f"{dice.randrange(0x1000, 0x10000):x}" for _ in range(7)]
    return dice.choice(
        [":".join(["2001", *parts]), f"2001:db8::{parts[0]}", f"fe80::{parts[0]}:{parts[1]}:{parts[2]}"]
    )


def phone(dice: Dice) -> str:
    """A number as written in North America, Britain, Germany, France or internationally."""

    def three() -> str:
        return f"{dice.randrange(2, 10)}{digits(dice, 2)}"

    return dice.choice(
        [
            f"({three()}) {three()}-{digits(dice, 4)}",
            f"{three()}-{three()}-{digits(dice, 4)}",
            f"+1 {three()} {three()} {digits(dice, 4)}",
            f"{three()}.{three()}.{digits(dice, 4)}",
            f"+44 20 {digits(dice, 4)} {digits(dice, 4)}",
            f"020 7946 0{digits(dice, 3)}",
            f"07700 900{digits(dice, 3)}",
            f"+49 (0)30 {digits(dice, 7)}",
            f"030/{digits(dice, 7)}",
            f"06 {spaced(digits(dice, 8), 2, ' ')}",
            f"+33{dice.randrange(1, 8)}{digits(dice, 8)}",
            f"0049 89 {digits(dice, 6)}",
            f"tel. {digits(dice, 3)} {digits(dice, 4)}",
        ]
    )


def token(dice: Dice, count: int, pool: str = string.ascii_letters + string.digits) -> str:
    """So many characters of a pool."""
    return "".join(dice.choice(pool) for _ in range(count))


def key(dice: Dice) -> str:
    """A token of a well-known form, a private key, or a password that is assigned."""

    def part() -> str:
        return base64.urlsafe_b64encode(json.dumps({"s": token(dice, 20)}).encode()).decode().rstrip("=")

    return dice.choice(
        [
            "AK" + "IA" + token(dice, 16, string.ascii_uppercase + string.digits),
            "gh" + "p_" + token(dice, 36),
            "xo" + "xb-" + digits(dice, 12) + "-" + token(dice, 24),
            "sk" + "_live_" + token(dice, 24),
            "sk" + "-proj-" + token(dice, 48),
            "AI" + "za" + token(dice, 35),
            "gl" + "pat-" + token(dice, 20),
            f"{part()}.{part()}.{token(dice, 43)}",
            "-----BEGIN RSA PRIVATE" + " KEY-----",
            f"password={token(dice, 12)}7a",
            f'"api_key": "{token(dice, 32)}"',
            f"postgres://app:{token(dice, 14)}@db.internal/x",
        ]
    )


MAKERS: dict[str, Maker] = {
    "email": email,
    "card": card,
    "ssn": ssn,
    "iban": iban,
    "ip": ip,
    "phone": phone,
    "key": key,
}


def wrong_iban(dice: Dice) -> str:
    """An account number with two digits exchanged or one changed."""
    right = iban(dice)
    at = dice.choice([i for i, c in enumerate(right) if c.isdigit() and i > 4])
    return right[:at] + str((int(right[at]) + dice.randrange(1, 10)) % 10) + right[at + 1 :]


HEX = "0123456789abcdef"
DECOYS: tuple[Maker, ...] = (
    wrong_iban,
    lambda d: spaced(digits(d, 16), 4, d.choice(["", " "])),
    lambda d: f"order {digits(d, 12)}",
    lambda d: f"version {d.randrange(1, 9)}.{d.randrange(20)}.{d.randrange(20)}.{d.randrange(99)}",
    lambda d: f"9{digits(d, 2)}-{d.randrange(50, 99)}-{digits(d, 4)}",
    lambda d: (
        f"20{d.randrange(10, 27)}-0{d.randrange(1, 10)}-{d.randrange(10, 29)}T1{d.randrange(10)}:00:0{d.randrange(10)}Z"
    ),
    lambda d: f"0{d.randrange(1, 10)}/{d.randrange(10, 29)}/20{d.randrange(10, 27)}",
    lambda d: f"icon@{d.randrange(2, 4)}x.png",
    lambda d: f"lodash@{d.randrange(1, 9)}.{d.randrange(20)}.{d.randrange(9)}",
    lambda d: f"commit {token(d, 40, HEX)}",
    lambda d: (
        f"{token(d, 8, HEX)}-{token(d, 4, HEX)}-4{token(d, 3, HEX)}-a{token(d, 3, HEX)}-{token(d, 12, HEX)}"
    ),
    lambda d: "api_key: <your-api-key>",
    lambda d: "password: ********",
    lambda d: "sk" + "-" + "x" * 32,
    lambda d: f"isbn 978-{d.randrange(10)}-{digits(d, 4)}-{digits(d, 4)}-{d.randrange(10)}",
    lambda d: f"part {digits(d, 4)}-{digits(d, 3)}",
    lambda d: f"{d.randrange(1, 999)},{digits(d, 3)},{digits(d, 3)}.{digits(d, 2)} USD",
    lambda d: f"00:{token(d, 2, HEX)}:1a:2b:3c:4d",
    lambda d: "at 12:30:45.123",
    lambda d: (
        f"{d.choice(['serial', 'part no. ', 'order', 'seat'])} {digits(d, 3)}-{digits(d, 2)}-{digits(d, 4)}"
    ),
    lambda d: "mask 255.255.255.0, host 127.0.0.1",
    lambda d: f"case {d.randrange(100, 999)} of {d.randrange(100, 999)}, {digits(d, 4)} pages",
)


def letter(items: list[str], dice: Dice) -> str:
    """Running text."""
    return (
        "Dear team, "
        + ". ".join(f"{dice.choice(['please note', 'we have', 'on file:', 'see'])} {item}" for item in items)
        + ". Regards"
    )


FORMATS: dict[str, Callable[[list[str], Dice], str]] = {
    "letter": letter,
    "chat": lambda items, _: "\n".join(f"[12:0{i % 10}] user{i}: {item}" for i, item in enumerate(items)),
    "json": lambda items, _: json.dumps(
        {f"field_{i}": item for i, item in enumerate(items)}, ensure_ascii=False
    ),
    "csv": lambda items, _: "id,value\n" + "\n".join(f"{i},{item}" for i, item in enumerate(items)),
    "log": lambda items, _: "\n".join(
        f"2026-11-20 10:00:0{i % 10} INFO handler: value={item}" for i, item in enumerate(items)
    ),
    "markdown": lambda items, _: (
        "| what | value |\n|---|---|\n"
        + "\n".join(f"| row {i} | **{item}** |" for i, item in enumerate(items))
    ),
    "html": lambda items, _: (
        "<ul>" + "".join(f"<li class='c{i}'>{item}</li>" for i, item in enumerate(items)) + "</ul>"
    ),
    "code": lambda items, _: "\n".join(f"row_{i} = '{item}'  # set" for i, item in enumerate(items)),
}


def document(dice: Dice, form: str) -> tuple[str, list[tuple[str, str]]]:
    """A document of a form, with what it holds as (kind, text)."""
    truth = [(kind, MAKERS[kind](dice)) for kind in dice.choices(KINDS, k=dice.randrange(0, 4))]
    items = [text for _, text in truth] + [dice.choice(DECOYS)(dice) for _ in range(dice.randrange(1, 5))]
    dice.shuffle(items)
    return FORMATS[form](items, dice), truth


def tally(count: int, seed: int) -> tuple[dict[str, Counter[str]], Counter[str], list[tuple[str, str, str]]]:
    """By kind how many were there, were found and were not there; the same recall by format; and some of the errors."""
    dice = Dice(seed)
    by_kind: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    by_form: Counter[str] = Counter()
    errors = []
    for number in range(count):
        form = tuple(FORMATS)[number % len(FORMATS)]
        text, truth = document(dice, form)
        found = list(identifiers(text))
        for kind, item in truth:
            match = next((f for f in found if f.kind == kind and (f.text in item or item in f.text)), None)
            by_kind[kind]["there"] += 1
            by_form[f"{form} there"] += 1
            if match is None:
                errors.append(("missed", kind, f"{form}: {item}"))
                continue
            found.remove(match)
            by_kind[kind]["found"] += 1
            by_form[f"{form} found"] += 1
        for extra in found:
            by_kind[extra.kind]["false"] += 1
            errors.append(("false", extra.kind, f"{form}: {extra.text}"))
    return by_kind, by_form, errors


def main() -> int:
    """Generate, look, print tables and the JSON line; with --write, keep them on the page of benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5,000 documents instead of 20,000")
    parser.add_argument("--write", action="store_true", help="keep the figures on the page of benchmarks")
    parser.add_argument("--errors", type=int, default=0, help="print so many of the errors")
    given = parser.parse_args()
    count = 5000 if given.quick else 20_000
    by_kind, by_form, errors = tally(count, seed=20261120)
    recall = {k: n["found"] / n["there"] for k, n in by_kind.items()}
    precision = {k: n["found"] / (n["found"] + n["false"]) for k, n in by_kind.items()}
    by_format = ", ".join(f"{f} {by_form[f + ' found'] / by_form[f + ' there']:.3f}" for f in FORMATS)
    bars = [
        Bar(
            f"{k}: recall of {n['there']:,}",
            f"{recall[k]:.3f} (precision {precision[k]:.3f})",
            "0.95",
            recall[k] >= 0.95,
        )
        for k, n in by_kind.items()
    ]
    on = f"{count:,} documents, seed 20261120; {machine()}"
    for error in errors[: given.errors]:
        print(*error)
    if given.write:
        keep(
            "Structured identifiers",
            "python benchmarks/identifiers.py",
            bars,
            on=on,
            about=f"{ABOUT} {by_format}.",
        )
    code = verdict(bars)
    rounded = {
        "recall": {k: round(v, 4) for k, v in recall.items()},
        "precision": {k: round(v, 4) for k, v in precision.items()},
    }
    print(json.dumps({"documents": count, **rounded, "all_met": not code}))
    return code


ABOUT = (
    "Generated documents in eight formats, each with identifiers in their usual spellings among near misses: wrong "
    "check digits, versions, dates, order numbers, hashes, placeholders. Some near misses pass a check by chance or "
    "look exactly like an identifier (a seat number written like a social security number), and count against the "
    "precision. Real documents hold spellings that nobody thought of here, so expect less. Names and addresses are not "
    "looked for. Recall by format:"
)

if __name__ == "__main__":
    raise SystemExit(main())
