"""The firms: importers, traders, makers, retailers, exporters, carriers, brokers, and those abroad.

Numbers obey the rules of their country where one is published (BIN and IIN by check digit);
names, addresses, phones and people are invented. A firm trades in a small basket of codes of
its line of business, from the day of its registration.
"""

from __future__ import annotations

from bisect import bisect
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from keruen.codes.identifiers import bin_with_check, iin_with_check
from keruen.simulate import calibration
from keruen.simulate.calendar import seconds
from keruen.simulate.draws import scattered, stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

ROOTS = (
    ("Алтын Жол", "Altyn Zhol"),
    ("Достык", "Dostyk"),
    ("Каспий", "Kaspiy"),
    ("Арай", "Arai"),
    ("Сарыарка", "Saryarka"),
    ("Тулпар", "Tulpar"),
    ("Барыс", "Barys"),
    ("Нур", "Nur"),
    ("Жетысу", "Zhetysu"),
    ("Есиль", "Esil"),
    ("Улытау", "Ulytau"),
    ("Самрук", "Samruk"),
    ("Байтерек", "Baiterek"),
    ("Кокше", "Kokshe"),
    ("Ертис", "Ertis"),
    ("Шаңырақ", "Shanyraq"),
    ("Жұлдыз", "Zhuldyz"),
    ("Көктем", "Koktem"),
    ("Өрлеу", "Orleu"),
    ("Қазына", "Qazyna"),
    ("Орда", "Orda"),
    ("Тарлан", "Tarlan"),
    ("Меридиан", "Meridian"),
    ("Вектор", "Vektor"),
    ("Азия", "Aziya"),
    ("Береке", "Bereke"),
    ("Сункар", "Sunkar"),
    ("Туран", "Turan"),
    ("Керемет", "Keremet"),
    ("Мирас", "Miras"),
)
TAILS = (
    ("Трейд", "Trade"),
    ("Импэкс", "Impex"),
    ("Логистик", "Logistic"),
    ("Групп", "Group"),
    ("Техно", "Techno"),
    ("Маркет", "Market"),
    ("Сервис", "Service"),
    ("Пром", "Prom"),
    ("Электроникс", "Electronics"),
    ("Снаб", "Snab"),
    ("Глобал", "Global"),
    ("Инвест", "Invest"),
    ("Строй", "Stroi"),
    ("Плюс", "Plus"),
    ("Компани", "Company"),
)
SURNAMES = (
    ("Ахметов", "Akhmetov"),
    ("Сулейменов", "Suleimenov"),
    ("Ким", "Kim"),
    ("Иванов", "Ivanov"),
    ("Омаров", "Omarov"),
    ("Жумабаев", "Zhumabayev"),
    ("Петренко", "Petrenko"),
    ("Касымов", "Kassymov"),
    ("Оразбай", "Orazbai"),
    ("Тлеубаев", "Tleubayev"),
    ("Садыков", "Sadykov"),
    ("Нургалиев", "Nurgaliyev"),
    ("Цой", "Tsoi"),
    ("Беков", "Bekov"),
    ("Абдрахманов", "Abdrakhmanov"),
    ("Смагулов", "Smagulov"),
    ("Ли", "Li"),
    ("Есенов", "Yessenov"),
)
GIVEN = (
    ("Ерлан", "Yerlan"),
    ("Айгерим", "Aigerim"),
    ("Данияр", "Daniyar"),
    ("Сергей", "Sergei"),
    ("Асель", "Assel"),
    ("Нурлан", "Nurlan"),
    ("Виктор", "Viktor"),
    ("Гүлнар", "Gulnar"),
    ("Марат", "Marat"),
    ("Әлия", "Aliya"),
    ("Тимур", "Timur"),
    ("Жанна", "Zhanna"),
    ("Бауыржан", "Bauyrzhan"),
    ("Олег", "Oleg"),
    ("Динара", "Dinara"),
)
TOWNS = (
    ("Алматы", "Almaty", "727"),
    ("Астана", "Astana", "7172"),
    ("Шымкент", "Shymkent", "7252"),
    ("Караганда", "Karaganda", "7212"),
    ("Актобе", "Aktobe", "7132"),
    ("Атырау", "Atyrau", "7122"),
    ("Костанай", "Kostanay", "7142"),
    ("Павлодар", "Pavlodar", "7182"),
    ("Өскемен", "Oskemen", "7232"),
)
STREETS = (
    ("пр. Абая", "Abai ave."),
    ("ул. Сатпаева", "Satpayev st."),
    ("пр. Назарбаева", "Nazarbayev ave."),
    ("Бөгенбай батыр көшесі", "Bogenbai batyr st."),
    ("ул. Толе би", "Tole bi st."),
    ("мкр. Самал", "Samal district"),
    ("ул. Жибек Жолы", "Zhibek Zholy st."),
    ("ул. Сейфуллина", "Seifullin st."),
)
ABROAD = {
    "CN": (("Shenzhen", "Guangzhou", "Yiwu", "Urumqi"), "Co., Ltd.", "+86"),
    "HK": (("Kowloon", "Wan Chai"), "Limited", "+852"),
    "RU": (("Москва", "Екатеринбург", "Новосибирск", "Омск"), "ООО", "+7"),
    "BY": (("Минск", "Гомель"), "ООО", "+375"),
    "KG": (("Бишкек", "Ош"), "ОсОО", "+996"),
    "AM": (("Yerevan",), "LLC", "+374"),
    "UZ": (("Tashkent", "Samarkand"), "MChJ", "+998"),
    "TJ": (("Dushanbe",), "ҶДММ", "+992"),
    "TM": (("Ashgabat",), "HJ", "+993"),
    "DE": (("Berlin", "Köln"), "GmbH", "+49"),
    "TR": (("Istanbul", "Izmir"), "Ltd. Şti.", "+90"),
    "AE": (("Dubai", "Sharjah"), "FZE", "+971"),
}
_ABROAD = (("Central City",), "Ltd.", "+1")
FOREIGN_ROOTS = (
    "Sunrise",
    "Eastern Star",
    "Golden Bridge",
    "Huaxin",
    "Nordwind",
    "Meridian",
    "Orient",
    "Polaris",
    "Silk Way",
    "Atlas",
    "Kaihua",
    "Vega",
    "Delta",
    "Intertech",
    "Ruixing",
    "Falcon",
    "Alpina",
    "Union",
)
RUSSIAN_ROOTS = (
    "Север",
    "Восход",
    "Промтех",
    "Радиус",
    "Квант",
    "Уралснаб",
    "Меркурий",
    "Импульс",
    "Вектор",
    "Заря",
    "Техносфера",
    "Горизонт",
    "Спектр",
    "Альтаир",
)
INDUSTRIES = (
    ("84", "85"),
    ("85", "90"),
    ("87", "84"),
    ("33", "34"),
    ("61", "62"),
    ("64", "42"),
    ("73", "72", "84"),
    ("39", "38", "32"),
    ("87", "40"),
    ("85", "84", "88"),
    ("48", "39"),
    ("21", "22"),
    ("63", "57"),
)
ROLES = ("importer", "trader", "retailer", "maker", "exporter")
ROLE_SHARES = (22, 20, 34, 12, 12)
PRODUCTS = {
    "85": "853710",
    "84": "843149",
    "87": "870899",
    "73": "730890",
    "72": "730890",
    "39": "392690",
    "33": "330499",
    "34": "340250",
    "61": "611020",
    "62": "620342",
    "48": "481920",
    "90": "853710",
    "64": "640399",
}
"""What a maker makes of inputs of a chapter."""
SERIALS, SERIAL_BITS = 100_000, 17
FOREIGN_BITS = 29
BASKET = 9


class Firm:
    """One organisation. Its party fields are made once for each role in which it appears."""

    __slots__ = (
        "_parties",
        "active_at",
        "address",
        "basket",
        "chapters",
        "country",
        "director",
        "id",
        "latin",
        "name",
        "phone",
        "picker_period",
        "picker_steps",
        "recipes",
        "registered_on",
        "role",
        "user",
    )

    def __init__(
        self,
        firm_id: str,
        name: str,
        latin: str,
        country: str,
        role: str,
        registered_on: date,
        address: str,
        phone: str,
        director: str,
        chapters: tuple[str, ...],
    ) -> None:
        self.id = firm_id
        self.name = name
        self.latin = latin
        self.country = country
        self.role = role
        self.registered_on = registered_on
        self.active_at = seconds(registered_on) if registered_on.year >= 1970 else 0  # noqa: PLR2004
        self.address = address
        self.phone = phone
        self.director = director
        self.chapters = chapters
        self.basket: tuple[calibration.Goods, ...] = ()
        self.user = f"{firm_id}-1"
        self.recipes: dict[str, tuple[str, int, list[int]]] = {}
        self.picker_period = ""
        self.picker_steps: list[int] = []
        self._parties: dict[str, dict[str, str]] = {}

    def party(self, role: str) -> dict[str, str]:
        """The firm's fields on a document in a role."""
        found = self._parties.get(role)
        if found is None:
            found = {
                f"{role}_id": self.id,
                f"{role}_name": self.name,
                f"{role}_country": self.country,
                f"{role}_address": self.address,
                f"{role}_phone": self.phone,
                f"{role}_director": self.director,
            }
            self._parties[role] = found
        return found

    def register_row(self) -> dict[str, object]:
        """The firm as the register of organisations has it."""
        return {
            "id": self.id,
            "name": self.name,
            "name_latin": self.latin,
            "country": self.country,
            "role": self.role,
            "registered_on": self.registered_on.isoformat(),
            "address": self.address,
            "phone": self.phone,
            "director": self.director,
            "chapters": list(self.chapters),
        }

    def pick(self, period: str, now: int, rng: Random) -> calibration.Goods:
        """One of the firm's goods, by the weight of its code in that month."""
        if self.picker_period != period:
            weights = calibration.code_weights()[period]
            self.picker_period = period
            self.picker_steps = list(
                accumulate((weights.get(goods.hs6, 0) + 20) if goods.born_at <= now else 0 for goods in self.basket)
            )
        steps = self.picker_steps
        if not steps[-1]:
            return self.basket[0]
        return self.basket[min(bisect(steps, rng.random() * steps[-1]), len(steps) - 1)]


class Registry:
    """Makes firms whose numbers never meet: every stream of the simulation has its own lane of serials."""

    def __init__(self, seed: str, lane: int, lanes: int) -> None:
        self._rng = stream(seed, "registry", lane)
        self._lane, self._lanes = lane, lanes
        self._next = 0
        self._given: set[str] = set()
        self.firms: list[Firm] = []

    def _serial(self) -> int:
        """Five digits; lanes never meet, and a lane meets itself only after some three thousand."""
        self._next += 1
        number = scattered((self._next * self._lanes + self._lane) % SERIALS, SERIAL_BITS)
        while number >= SERIALS:
            number = scattered(number, SERIAL_BITS)
        return number

    def _number(self, registered: date) -> str:
        while True:
            found = bin_with_check(f"{registered.year % 100:02d}{registered.month:02d}40{self._serial():05d}")
            if found is not None and found not in self._given:
                self._given.add(found)
                return found

    def person(self) -> tuple[str, str]:
        """Name in Cyrillic and in Latin letters."""
        surname, given = self._rng.choice(SURNAMES), self._rng.choice(GIVEN)
        initial = self._rng.choice("АБГДЕЖКМНСТ")
        return f"{surname[0]} {given[0]} {initial}.", f"{given[1]} {surname[1]}"

    def driver(self) -> tuple[str, str]:
        """A driver's name and IIN."""
        name, _ = self.person()
        born = date(1960, 1, 1) + timedelta(days=self._rng.randrange(14_000))
        while True:
            body = f"{born:%y%m%d}{self._rng.choice('34')}{self._rng.randrange(10_000):04d}"
            found = iin_with_check(body)
            if found is not None:
                return name, found

    def local(self, role: str, registered: date, chapters: tuple[str, ...] = (), basket: int = BASKET) -> Firm:
        """A firm of Kazakhstan, registered on a day, trading in goods of some chapters."""
        rng = self._rng
        chapters = chapters or rng.choice(INDUSTRIES)
        root, tail = rng.choice(ROOTS), rng.choice(TAILS)
        number = rng.randrange(2, 99)
        suffix = f" {number}" if rng.random() < 0.35 else ""  # noqa: PLR2004 - a share
        latin = f"{root[1]} {tail[1]}{suffix} LLP"
        style = rng.random()
        if style < 0.6:  # noqa: PLR2004 - a share
            name = f"ТОО «{root[0]} {tail[0]}{suffix}»"
        elif style < 0.8:  # noqa: PLR2004 - a share
            name = f"«{root[0]} {tail[0]}{suffix}» ЖШС"
        else:
            name = latin
        town, street = rng.choice(TOWNS), rng.choice(STREETS)
        house = rng.randrange(1, 180)
        address = f"{town[1]}, {street[1]} {house}" if style >= 0.8 else f"{town[0]}, {street[0]}, {house}"  # noqa: PLR2004
        phone = f"+7{town[2]}{rng.randrange(10 ** (10 - len(town[2]) - 1), 10 ** (10 - len(town[2])))}"
        firm = Firm(
            self._number(registered), name, latin, "KZ", role, registered, address, phone, self.person()[0], chapters
        )
        everything = calibration.goods()
        fitting = [goods for goods in everything.values() if goods.chapter in chapters]
        own = calibration.code_weights()["2021-06"]
        drawn = sorted(fitting, key=lambda goods: -(own.get(goods.hs6, 0) + 60) * rng.random() ** 2)[:basket]
        firm.basket = tuple(sorted(drawn))
        self.firms.append(firm)
        return firm

    def foreign(self, country: str, role: str) -> Firm:
        """A firm abroad."""
        rng = self._rng
        towns, form, dial = ABROAD.get(country, _ABROAD)
        town = rng.choice(towns)
        self._next += 1
        serial = scattered(self._next * self._lanes + self._lane, FOREIGN_BITS)
        if form in {"ООО", "ОсОО"}:
            name = f"{form} «{rng.choice(RUSSIAN_ROOTS)}-{rng.randrange(2, 999)}»"
            address = f"{town}, ул. Ленина, {rng.randrange(1, 150)}"
        else:
            name = f"{rng.choice(FOREIGN_ROOTS)} {rng.choice(TAILS)[1]} {rng.randrange(2, 999)} {form}"
            address = f"{town}, {rng.randrange(1, 400)} Industrial road"
        registered = date(1995, 1, 1) + timedelta(days=rng.randrange(8_600))
        latin_director = self.person()[1]
        firm = Firm(
            f"{country}{serial:09d}",
            name,
            name,
            country,
            role,
            registered,
            address,
            f"{dial}{rng.randrange(10**8, 10**9)}",
            latin_director,
            (),
        )
        self.firms.append(firm)
        return firm


class Economy:
    """Every honest firm, with the draws by which chains find each other."""

    def __init__(self, seed: str, lines: int, lane: int, lanes: int, last: date) -> None:
        self.registry = Registry(seed, lane, lanes)
        rng = stream(seed, "economy")
        count = max(50, int(2.2 * lines**0.55))
        self.by_role: dict[str, list[Firm]] = {role: [] for role in ROLES}
        for index in range(count):
            role = ROLES[index % 5] if index < 25 else rng.choices(ROLES, ROLE_SHARES)[0]  # noqa: PLR2004
            if rng.random() < 0.72:  # noqa: PLR2004 - share of firms older than the histories
                registered = date(1997, 1, 1) + timedelta(days=rng.randrange(8_000))
            else:
                registered = date(2019, 1, 1) + timedelta(
                    days=rng.randrange(max(1, (last - date(2019, 1, 1)).days - 60))
                )
            if index < 25:  # noqa: PLR2004 - the first of each role are there from the start
                registered = date(2004 + index % 10, 1 + index % 12, 5)
            self.by_role[role].append(self.registry.local(role, registered))
        self.carriers = [
            self.registry.local("carrier", date(2001 + index % 15, 3, 12), ("87",), 1)
            for index in range(max(4, count // 25))
        ]
        self.brokers = [
            self.registry.local("broker", date(2003 + index % 12, 9, 1), ("49",), 1)
            for index in range(max(3, count // 40))
        ]
        self.drivers = [self.registry.driver() for _ in range(max(20, count // 4))]
        self.vehicles = [
            f"{rng.randrange(100, 999)}{rng.choice('ABCEKMHOPT')}{rng.choice('ABCEKMHOPT')}"
            f"{rng.choice('ABCEKMHOPT')}{rng.randrange(1, 21):02d}"
            for _ in self.drivers
        ]
        countries = sorted(
            {*calibration.partners("import", 2023).names, *calibration.partners("export", 2023).names, *calibration.EU}
        )
        self.abroad = {
            country: [
                self.registry.foreign(country, "foreign")
                for _ in range(max(2, count // (4 if country in {"CN", "RU"} else 40)))
            ]
            for country in countries
        }
        self._buyers: dict[str, list[Firm]] = {}
        for role in ("trader", "retailer", "maker", "exporter"):
            for firm in self.by_role[role]:
                for chapter in firm.chapters:
                    self._buyers.setdefault(f"{role}/{chapter}", []).append(firm)
        self._importers = [
            *self.by_role["importer"],
            *self.by_role["trader"][::3],
            *self.by_role["retailer"][::4],
            *self.by_role["maker"][::2],
            *self.by_role["exporter"][::4],
        ]
        # A few large firms carry most of trade: weight falls with rank (Zipf).
        rng.shuffle(self._importers)
        self._import_steps = list(accumulate(1 / (rank + 3) for rank in range(len(self._importers))))

    def importer(self, now: int, rng: Random) -> Firm:
        """An importer that exists at an instant."""
        for _ in range(20):
            firm = self._importers[
                min(bisect(self._import_steps, rng.random() * self._import_steps[-1]), len(self._importers) - 1)
            ]
            if firm.active_at <= now:
                return firm
        return self.by_role["importer"][0]

    def buyer(self, role: str, chapter: str, seller: Firm, now: int, rng: Random) -> Firm:
        """Someone of a role who deals in a chapter, exists, and is not the seller."""
        pool = self._buyers.get(f"{role}/{chapter}") or self.by_role[role]
        for _ in range(12):
            firm = pool[int(len(pool) * rng.random() ** 2)]
            if firm.active_at <= now and firm is not seller:
                return firm
        return next(firm for firm in self.by_role[role] if firm is not seller)

    def supplier(self, chapter: str, year: int, rng: Random) -> Firm:
        """A seller abroad, its country drawn from the year's partners, EU members by chapter."""
        country = calibration.partners("import", year).draw(rng)
        if country in calibration.EU:
            members = calibration.members(chapter)
            country = members.draw(rng) if members else country
        return rng.choice(self.abroad.get(country) or self.abroad["CN"])

    def consignee(self, country: str, rng: Random) -> Firm:
        """A buyer abroad."""
        return rng.choice(self.abroad[country])

    def __iter__(self) -> Iterator[Firm]:
        return iter(self.registry.firms)
