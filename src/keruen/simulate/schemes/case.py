"""The ground a scheme stands on, and one instance of it: its firms, its goods, its papers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from keruen.simulate import calibration, wares
from keruen.simulate.calendar import DAY, EPOCH, HOUR, MINUTE, office, seconds
from keruen.simulate.draws import stream
from keruen.simulate.flows import USES, Script, Spawn
from keruen.simulate.papers import Desk, Holding, Numbers, Record, Transport, Ware
from keruen.simulate.truth import Instance

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from keruen.simulate.economy import Firm, Registry
    from keruen.simulate.writer import Writer

CONTROL = seconds(EPOCH.replace(year=2022, month=2, day=24))
"""The day after which the authorities' three patterns count a firm as new."""
FAMILIES: dict[str, tuple[str, ...]] = {
    "chips": ("854231", "854232", "854233", "854239"),
    "radio": ("851762", "852691", "852910"),
    "drones": ("880622", "880623", "880624"),
    "passives": ("853224", "853221", "854129", "854110"),
    "bearings": ("848210", "848220", "848250"),
    "gauges": ("903020", "854320", "903039"),
}
TOWARDS_RUSSIA = ("RU", "BY", "KG", "AM")
ROUNDABOUT = ("KG", "AE", "TR", "UZ", "CN", "AM")


class Listed(NamedTuple):
    """An invented listed party."""

    id: str
    name: str
    aliases: tuple[str, ...]
    country: str
    kind: str
    address: str
    phone: str


# Invented. Any likeness to a real firm or person is chance.
LISTED = (
    Listed(
        "KRN-001",
        "OOO Severnye Spetstekhnologii",
        ("ООО «Северные Спецтехнологии»", "SST LLC"),
        "RU",
        "entity",
        "Москва, Дубровская набережная, 17",
        "+74955550117",
    ),
    Listed(
        "KRN-002",
        "AO Zavod Kvantpribor",
        ("АО «Завод Квантприбор»", "Kvantpribor Plant JSC"),
        "RU",
        "entity",
        "Екатеринбург, ул. Приборная, 4",
        "+73435550104",
    ),
    Listed(
        "KRN-003",
        "Ruslan Timofeevich Gorshkalev",
        ("Руслан Тимофеевич Горшкалев", "R. T. Gorshkalyov"),
        "RU",
        "person",
        "Новосибирск, ул. Лесная, 88",
        "+73835550188",
    ),
    Listed(
        "KRN-004",
        "Promelektronsnab-Ural LLC",
        ("ООО «Промэлектронснаб-Урал»",),
        "RU",
        "entity",
        "Челябинск, ул. Ковальская, 21",
        "+73515550121",
    ),
    Listed(
        "KRN-005",
        "Shenzhen Qianhe Weixin Technology Co., Ltd.",
        ("深圳前合微信科技", "Qianhe Wei Xin Tech"),
        "CN",
        "entity",
        "Shenzhen, 12 Longwan road",
        "+8675555501012",
    ),
    Listed(
        "KRN-006",
        "Al Jazwan General Trading FZE",
        ("الجزوان للتجارة العامة", "Aljazwan Gen Trading"),
        "AE",
        "entity",
        "Sharjah, SAIF zone, Q4-117",
        "+97165550117",
    ),
    Listed(
        "KRN-007",
        "Viktor Anatolyevich Ryabokonev",
        ("Виктор Анатольевич Рябоконев", "V. A. Riabokoneff"),
        "RU",
        "person",
        "Тула, ул. Оружейная, 3",
        "+74875550103",
    ),
    Listed(
        "KRN-008",
        "Belmikrotekh Holding",
        ("ОАО «Белмикротех Холдинг»", "Белмікратэх"),
        "BY",
        "entity",
        "Минск, ул. Кальварийская, 62",
        "+375175550162",
    ),
    Listed(
        "KRN-009",
        "Anadolu Yildirim Lojistik Ltd. Şti.",
        ("Anadolu Yıldırım Lojistik", "AYL Lojistik"),
        "TR",
        "entity",
        "Istanbul, Laleli cad. 41",
        "+902125550141",
    ),
    Listed(
        "KRN-010",
        "OsOO Ala-Too Elektro Impeks",
        ("ОсОО «Ала-Тоо Электро Импэкс»", "AlaToo Electro Impex"),
        "KG",
        "entity",
        "Бишкек, ул. Токтогула, 90",
        "+996312555190",
    ),
    Listed(
        "KRN-011",
        "NPP Radiolokatsiya-Sfera",
        ("НПП «Радиолокация-Сфера»", "Radiolokacija Sfera"),
        "RU",
        "entity",
        "Санкт-Петербург, Обводный пр., 201",
        "+78125550201",
    ),
    Listed(
        "KRN-012",
        "Hong Kong Brightway Semicon Limited",
        ("香港明道半導體", "Bright Way Semiconductor HK"),
        "HK",
        "entity",
        "Kowloon, 88 Tak Fung street",
        "+85225550188",
    ),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a run gives every scheme."""

    seed: str
    lines: int
    writer: Writer
    spawn: Spawn
    transport: Transport
    brokers: Sequence[Firm]
    officers: Sequence[str]
    history_from: int
    window_from: int
    end: int


class Case:
    """One instance, under way."""

    def __init__(
        self,
        ground: Ground,
        scheme: str,
        number: int,
        registry: Registry,
        used: set[tuple[str, ...]],
        numbers: Numbers,
    ) -> None:
        self.ground = ground
        self.rng = stream(ground.seed, scheme, number)
        self.instance = Instance(scheme, f"{scheme}-{number:03d}", {}, findable=True, why="")
        self.number = number
        self._registry = registry
        self._used = used
        self._covering = False
        self.desk = Desk(
            stream(ground.seed, scheme, number, "desk"),
            numbers,
            self._sink,
            ground.transport,
            ground.brokers,
            ground.officers,
        )

    def _sink(self, now: int, record: Record, lines: int) -> None:
        instance = self.instance
        if record["kind"] == "action":
            instance.actions.append(record["id"])
        elif self._covering:
            instance.cover.append(record["id"])
        elif record["id"] not in instance.documents:
            instance.documents.append(record["id"])
        self.ground.writer.put(now, record, lines)

    @contextmanager
    def cover(self) -> Iterator[None]:
        """What is filed within is ordinary trade of the same firms. Never held across a yield."""
        self._covering = True
        try:
            yield
        finally:
            self._covering = False

    def shape(self, **options: Sequence[str]) -> dict[str, str]:
        """Draw one of each option, so that no other instance of the run drew the same while any is left."""
        drawn: tuple[str, ...] = ()
        for _ in range(60):
            drawn = tuple(self.rng.choice(values) for values in options.values())
            if drawn not in self._used:
                break
        self._used.add(drawn)
        self.instance.shape = dict(zip(options, drawn, strict=True))
        return self.instance.shape

    def because(self, why: str, *, findable: bool = True) -> None:
        """Say by what it can be found, or why it cannot."""
        self.instance.why, self.instance.findable = why, findable

    def stop(self, document: str) -> str:
        """Mark a document as one that a good system holds or refuses."""
        self.instance.should_stop.append(document)
        return document

    def local(self, role: str, age_days: float, now: int, chapters: tuple[str, ...] = ("85", "84")) -> Firm:
        """A firm of the scheme that is so old at an instant."""
        firm = self._registry.local(role, EPOCH + timedelta(days=now // DAY - int(age_days)), chapters)
        self.instance.parties.append(firm.id)
        return firm

    def abroad(self, country: str) -> Firm:
        """A firm of the scheme abroad."""
        firm = self._registry.foreign(country, "foreign")
        self.instance.parties.append(firm.id)
        return firm

    def start(self, low: float = 0.05, high: float = 0.5) -> int:
        """An instant in office hours within a part of the window."""
        span = self.ground.end - self.ground.window_from
        at = self.ground.window_from + int(span * (low + (high - low) * self.rng.random()))
        return office(at, 0, self.rng)

    def run(self, at: int, script: Script) -> None:
        """Let a script go at an instant."""
        self.ground.spawn(at, script)

    def goods(self, family: str, now: int) -> calibration.Goods:
        """Goods of a family that have a code of their own at that instant."""
        found = [each for name in FAMILIES[family] if (each := calibration.goods()[name]).born_at <= now]
        return self.rng.choice(found) if found else calibration.goods()["854231"]

    def ware(self, goods: calibration.Goods, made: str = "", dollars: float = 40_000) -> Ware:
        """Goods worth about so much, made in a country: `coalition`, or a code; any maker where empty."""
        rng = self.rng
        found = [
            maker
            for maker in wares.makers(goods.hs6)
            if not made or maker.country == made or (made == "coalition" and maker.country != "CN")
        ]
        quantity = max(2, int(dollars * 100 * (0.6 + 0.8 * rng.random()) / goods.unit_cents))
        if not found:
            country = "DE" if made == "coalition" else made or "CN"
            return Ware(goods, quantity, country, country, "", "", goods.descriptions[0])
        maker = rng.choice(found)
        model = rng.choice(maker.models)
        text = rng.choice(goods.descriptions)
        return Ware(
            goods,
            quantity,
            maker.country,
            maker.country,
            maker.name,
            model,
            f"{text} {model}",
            0.9 + 0.3 * rng.random(),
        )

    def sell(self, now: int, seller: Firm, buyer: Firm, parts: list[Holding], days: float) -> Generator[int, int, int]:
        """Waybill, invoice and the buyer's yes; answers when."""
        number, _ = self.desk.waybill(now, seller, buyer, parts)
        now = yield now + 3 * MINUTE
        self.desk.invoice(now, seller, buyer, parts, number)
        now = yield now + max(5 * MINUTE, int(days * DAY * (0.5 + self.rng.random())))
        self.desk.act(now, number, "confirm", ("filer", buyer.id, buyer.user))
        return now

    def apply(
        self,
        now: int,
        exporter: Firm,
        consignee: Firm,
        parts: list[Holding],
        *,
        licence: str = "",
        swaps: Record | None = None,
        end_user: Firm | None = None,
        statement: bool = True,
        destination: str = "",
        price: float = 1.25,
    ) -> Generator[int, int, tuple[int, str]]:
        """Statement, invoice, application; answers when, and the application."""
        promise = ""
        if statement:
            promise = self.desk.end_user_statement(now, end_user or consignee, exporter, self.rng.choice(USES))
            now = yield now + 20 * MINUTE
        invoice = self.desk.invoice(
            now, exporter, consignee, parts, price=price, currency=calibration.currency_of(consignee.country)
        )
        now = yield now + 25 * MINUTE
        application = self.desk.application(
            now,
            exporter,
            consignee,
            parts,
            invoice=invoice,
            statement=promise,
            licence=licence,
            swaps=swaps,
            end_user=end_user,
            destination=destination,
        )
        return now, application

    def leave(
        self,
        now: int,
        exporter: Firm,
        consignee: Firm,
        parts: list[Holding],
        *,
        application: str = "",
        licence: str = "",
        destination: str = "",
    ) -> Generator[int, int, tuple[int, str]]:
        """Export waybill, declaration outside the union, exit; answers when, and the waybill."""
        desk = self.desk
        waybill = desk.export_waybill(
            now, exporter, consignee, parts, application=application, licence=licence, destination=destination
        )
        now = yield now + 2 * HOUR
        if consignee.country not in calibration.UNION:
            desk.export_declaration(now, exporter, consignee, parts, waybill)
        now = yield now + 5 * HOUR + int(self.rng.random() * 2 * DAY)
        desk.exit_notice(now, waybill, parts, consignee.country)
        return now, waybill

    def ordinary(
        self,
        firm: Firm,
        now: int,
        times: int,
        days: float,
        country: str = "CN",
        goods: Sequence[calibration.Goods] = (),
    ) -> Script:
        """Cover: a firm's everyday imports, sold over the counter."""
        supplier = self._registry.foreign(country, "foreign")
        choice = [each for each in (goods or firm.basket) if not each.listed] or [calibration.goods()["611020"]]
        for _ in range(times):
            with self.cover():
                lots = self.desk.entry(now, firm, supplier, [self.ware(self.rng.choice(choice), country, 12_000)])
            now = yield office(now, days * (0.3 + 0.5 * self.rng.random()), self.rng)
            with self.cover():
                self.desk.write_off(now, firm, lots, "retail_sale")
            now = yield office(now, days * (0.3 + 0.5 * self.rng.random()), self.rng)


def whole(lots: Sequence[Holding]) -> list[Holding]:
    """All of some lots."""
    return [Holding(each.lot, each.left) for each in lots]


def part(lots: Sequence[Holding], share: float) -> list[Holding]:
    """A share of some lots, taken out of them."""
    found = []
    for each in lots:
        quantity = min(each.left, max(1, int(each.left * share)))
        if quantity:
            each.left -= quantity
            found.append(Holding(each.lot, quantity))
    return found
