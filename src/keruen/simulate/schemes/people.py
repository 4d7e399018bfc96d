"""Who is behind it: listed parties in other letters, shared directors and telephones, a kind officer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.simulate.calendar import DAY, office
from keruen.simulate.schemes.case import LISTED, Case, Listed, part, whole

if TYPE_CHECKING:
    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import Script

CYRILLIC = {
    "OOO Severnye Spetstekhnologii": "СЕВЕРНЫЕ СПЕЦТЕХНОЛОГИИ",
    "AO Zavod Kvantpribor": "КВАНТПРИБОР ЗАВОД, АО",
    "Promelektronsnab-Ural LLC": "Промэлектрон Снаб Урал",
    "Belmikrotekh Holding": "Бел-Микротех Холдинг",
    "OsOO Ala-Too Elektro Impeks": "АлаТоо Электроимпекс",
    "NPP Radiolokatsiya-Sfera": "Радиолокация Сфера НПП",
    "Ruslan Timofeevich Gorshkalev": "Горшкалёв Р.Т.",
    "Viktor Anatolyevich Ryabokonev": "Рябоконев Виктор",
    "Shenzhen Qianhe Weixin Technology Co., Ltd.": "Шэньчжэнь Цяньхэ Вэйсинь Текнолоджи",
    "Al Jazwan General Trading FZE": "Аль-Джазван Дженерал Трейдинг",
    "Hong Kong Brightway Semicon Limited": "Гонконг Брайтвэй Семикон",
    "Anadolu Yildirim Lojistik Ltd. Şti.": "Анадолу Йылдырым Лоджистик",
}


def listed_party(case: Case) -> None:
    """The buyer or user is on a list, and is written otherwise there."""
    shape = case.shape(
        entry=tuple(each.id for each in LISTED),
        written=("other_script", "typo", "turned", "glued"),
        stands_as=("consignee", "end_user", "director"),
        goods=("listed", "unlisted"),
    )
    at = case.start()
    entry = next(each for each in LISTED if each.id == shape["entry"])
    case.because(f"{entry.id} of listed_parties.csv stands as {shape['stands_as']}, written otherwise")
    firm = case.local("exporter", 800 + 1500 * case.rng.random(), at)
    case.run(at, _to_listed(case, at, firm, entry, shape))


def written(name: str, how: str) -> str:
    """A name as a clerk, or a hider, may write it."""
    if how == "other_script":
        return CYRILLIC[name]
    words = [word for word in name.replace(",", "").split() if word not in {"OOO", "AO", "LLC", "Co.", "Ltd.", "FZE"}]
    if how == "turned":
        return " ".join([*words[1:], words[0]])
    if how == "glued":
        return "".join(words[:2]) + (" " + " ".join(words[2:]) if words[2:] else "")
    longest = max(words, key=lambda word: (len(word), word))
    place = len(longest) // 2
    return " ".join(longest[:place] + longest[place + 1 :] if word == longest else word for word in words)


def _to_listed(case: Case, now: int, firm: Firm, entry: Listed, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    is_listed = shape["goods"] == "listed"
    goods = case.goods("radio" if rng.random() < 0.5 else "bearings", now)  # noqa: PLR2004 - a coin
    if not is_listed:
        goods = next(each for each in firm.basket if not each.listed and each.traced)
    lots = desk.entry(now, firm, case.abroad("CN"), [case.ware(goods, "CN", 40_000)])
    hidden = case.abroad(entry.country)
    name = written(entry.name, shape["written"])
    if shape["stands_as"] == "director":
        hidden.director = name
    else:
        hidden.name = name
    now = yield office(now, 5 + 10 * rng.random(), rng)
    parts = whole(lots)
    if is_listed:
        consignee = case.abroad("KG") if shape["stands_as"] == "end_user" else hidden
        now, application = yield from case.apply(now, firm, consignee, parts, end_user=hidden)
        case.stop(application)
        now = yield office(now, 1, rng)
        yield from case.leave(now, firm, consignee, parts, application=application)
    else:
        _, waybill = yield from case.leave(now, firm, hidden, parts)
        case.stop(waybill)


def shared_details(case: Case) -> None:
    """One firm is caught; the next has its director, its address or its telephone."""
    shape = case.shape(
        shared=("phone", "director", "address", "phone_and_director"),
        with_whom=("sister", "listed"),
        firms=("2", "3", "4"),
        family=("chips", "radio", "passives", "drones"),
    )
    at = case.start()
    case.because(
        "exporters of listed goods share details with each other and with one refused before"
        if shape["with_whom"] == "sister"
        else "exporters share details with an entry of listed_parties.csv"
    )
    case.run(at, _shared(case, at, shape))


def _shared(case: Case, now: int, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    listed = rng.choice(LISTED)
    first = case.local("exporter", 90, now)
    consignee = case.abroad(rng.choice(("KG", "UZ", "AE", "TR")))
    phone, director, address = first.phone, first.director, first.address
    if shape["with_whom"] == "listed":
        phone, director, address = listed.phone, written(listed.name, "typo"), listed.address
    for index in range(int(shape["firms"])):
        firm = first if index == 0 else case.local("exporter", 30 + 30 * rng.random(), now)
        if "phone" in shape["shared"]:
            firm.phone = phone
        if "director" in shape["shared"]:
            firm.director = director
        if shape["shared"] == "address":
            firm.address = address
        lots = desk.entry(now, firm, case.abroad("CN"), [case.ware(case.goods(shape["family"], now), "CN", 35_000)])
        now = yield office(now, 2 + 3 * rng.random(), rng)
        now, application = yield from case.apply(now, firm, consignee, whole(lots))
        if index == 0 and shape["with_whom"] == "sister":
            now = yield office(now, 0.5, rng)
            desk.act(now, application, "refuse", desk.officer(), "end user does not exist at the stated address")
        else:
            case.stop(application)
            now = yield office(now, 1, rng)
            now, _ = yield from case.leave(now, firm, consignee, whole(lots), application=application)
        now = yield now + int((2 + 9 * rng.random()) * DAY)


def waved_through(case: Case) -> None:
    """An officer who approves whatever one circle of firms files, in seconds."""
    shape = case.shape(
        what=("applications", "write_offs"),
        within=("10", "60", "240"),
        firms=("one", "three"),
        family=("chips", "drones", "radio", "gauges"),
    )
    at = case.start(0.05, 0.4)
    officer = case.ground.officers[case.rng.randrange(len(case.ground.officers))]
    case.instance.officers.append(officer)
    case.because("one officer alone approves listed goods of the same firms within seconds, giving no reason")
    case.run(at, _waved(case, at, officer, shape))


def _waved(case: Case, now: int, officer: str, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    firms = [case.local("exporter", 400 + 800 * rng.random(), now) for _ in range(1 if shape["firms"] == "one" else 3)]
    consignee = case.abroad(rng.choice(("KG", "UZ", "TR", "AE")))
    for turn in range(5 + rng.randrange(4)):
        firm = firms[turn % len(firms)]
        lots = desk.entry(now, firm, case.abroad("CN"), [case.ware(case.goods(shape["family"], now), "CN", 45_000)])
        now = yield office(now, 2 + 3 * rng.random(), rng)
        seconds = 2 + rng.randrange(int(shape["within"]))
        if shape["what"] == "write_offs":
            document = desk.write_off(now, firm, part(lots, 0.9), rng.choice(("own_use", "loss")))
            now = yield now + seconds
            case.stop(desk.act(now, document, "approve", ("officer", "authority", officer), "ok"))
        else:
            sent = whole(lots)
            now, document = yield from case.apply(now, firm, consignee, sent)
            now = yield now + seconds
            case.stop(desk.act(now, document, "approve", ("officer", "authority", officer), "ok"))
            now = yield office(now, 0.7, rng)
            now, _ = yield from case.leave(now, firm, consignee, sent, application=document)
        now = yield now + int((2 + 8 * rng.random()) * DAY)
