"""What goods are called on papers: makers, models and trade descriptions.

Makers and models of listed goods are those met on public photographs of recovered electronics or in
shops; naming them says nothing about the makers. All other goods are called by their nomenclature
text. Vague words and false names are for the schemes.
"""

from __future__ import annotations

from typing import NamedTuple


class Maker(NamedTuple):
    """Who makes it, where, and models by which it is sold."""

    name: str
    country: str
    models: tuple[str, ...]


CHIP_MAKERS = (
    Maker("STMicroelectronics", "FR", ("STM32F407VGT6", "STM32H743ZIT6", "L298N")),
    Maker("Texas Instruments", "US", ("TMS320F28335", "SN65HVD230", "OPA2134")),
    Maker("Infineon Technologies", "DE", ("XMC4500", "IRFB4110", "TLE9201SG")),
    Maker("Renesas Electronics", "JP", ("R7FS5D9", "ISL8117", "UPD720201")),
    Maker("Analog Devices", "US", ("AD9361", "ADXL357", "LTC6655")),
    Maker("GigaDevice", "CN", ("GD32F303", "GD25Q128", "GD32E230")),
    Maker("HiSilicon", "CN", ("Hi3516", "Hi3559", "Hi3798")),
    Maker("Winbond", "TW", ("W25Q128JV", "W9825G6", "W25N01GV")),
)
PART_MAKERS = (
    Maker("Murata Manufacturing", "JP", ("GRM188", "LQM2H", "BLM18")),
    Maker("Vishay", "US", ("T491", "SMBJ24", "IRFZ44")),
    Maker("Yageo", "TW", ("CC0603", "RC0402", "CC1206")),
    Maker("Fenghua Advanced", "CN", ("0603B104", "0805CG", "1206X7R")),
    Maker("Molex", "US", ("43045", "39-01", "53261")),
    Maker("Jiangsu Changjing", "CN", ("2N7002", "S8050", "BAV99")),
)
RADIO_MAKERS = (
    Maker("u-blox", "CH", ("NEO-M8N", "ZED-F9P", "MAX-M10S")),
    Maker("Huawei", "CN", ("AR651", "S5735", "eLTE")),
    Maker("Cisco Systems", "US", ("C9300", "ISR4331", "CBW240")),
    Maker("Quectel", "CN", ("EC25", "RM500Q", "L76K")),
    Maker("Hikvision", "CN", ("DS-2CD2143", "DS-7608", "DS-2DE4425")),
    Maker("Mean Well", "TW", ("LRS-350", "RSP-500", "HLG-240H")),
)
BEARING_MAKERS = (
    Maker("SKF", "SE", ("6205-2RS", "22218 E", "NU 210")),
    Maker("Schaeffler", "DE", ("30210-A", "7208-B", "NU2212")),
    Maker("LYC Bearing", "CN", ("6308", "22320", "32211")),
    Maker("ZWZ Bearing", "CN", ("6206", "NJ311", "30309")),
)
DRONE_MAKERS = (
    Maker("DJI", "CN", ("Mavic 3", "Matrice 300 RTK", "Agras T40")),
    Maker("Autel Robotics", "CN", ("EVO II", "EVO Max 4T", "Dragonfish")),
    Maker("XAG", "CN", ("P100 Pro", "V50", "P40")),
    Maker("Parrot", "FR", ("Anafi", "Anafi Ai", "Anafi USA")),
)
TOOL_MAKERS = (
    Maker("DMG Mori", "DE", ("CMX 600 V", "CLX 450", "NHX 4000")),
    Maker("Haas Automation", "US", ("VF-2", "ST-20", "UMC-750")),
    Maker("Shenyang Machine Tool", "CN", ("VMC850", "CAK5085", "HTC2050")),
    Maker("Keysight Technologies", "US", ("DSOX3024", "N9020B", "34465A")),
    Maker("Rigol Technologies", "CN", ("DS1054Z", "DG4162", "DM3068")),
    Maker("Rohde & Schwarz", "DE", ("RTB2004", "SMB100A", "FPC1500")),
)
_BY_PREFIX: tuple[tuple[str, tuple[Maker, ...]], ...] = (
    ("8542", CHIP_MAKERS),
    ("8806", DRONE_MAKERS),
    ("8807", DRONE_MAKERS),
    ("8482", BEARING_MAKERS),
    ("8517", RADIO_MAKERS),
    ("8525", RADIO_MAKERS),
    ("8526", RADIO_MAKERS),
    ("8529", RADIO_MAKERS),
    ("8504", RADIO_MAKERS),
    ("8471", RADIO_MAKERS),
    ("8457", TOOL_MAKERS),
    ("8458", TOOL_MAKERS),
    ("8459", TOOL_MAKERS),
    ("8466", TOOL_MAKERS),
    ("8486", TOOL_MAKERS),
    ("9030", TOOL_MAKERS),
    ("9027", TOOL_MAKERS),
    ("8543", TOOL_MAKERS),
    ("90", TOOL_MAKERS),
    ("85", PART_MAKERS),
)
_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "854231",
        (
            "Микросхемы интегральные электронные: микроконтроллеры",
            "Processors and controllers, integrated",
            "Микропроцессоры и микроконтроллеры, монолитные ИС",
        ),
    ),
    ("854232", ("Микросхемы памяти", "Memory integrated circuits, flash", "Микросхемы запоминающих устройств")),
    ("854233", ("Усилители интегральные", "Amplifier integrated circuits", "Микросхемы усилителей")),
    ("854239", ("Микросхемы интегральные прочие", "Integrated circuits, transceivers", "Микросхемы преобразователей")),
    (
        "8806",
        (
            "Беспилотный летательный аппарат, квадрокоптер",
            "Unmanned aircraft, remote controlled",
            "Пилотсыз ұшу аппараты, квадрокоптер",
        ),
    ),
    (
        "880730",
        (
            "Части беспилотных аппаратов: моторы, лопасти",
            "Parts of unmanned aircraft: motor set",
            "Рамы и шасси квадрокоптеров",
        ),
    ),
    ("852691", ("Модуль спутниковой навигации", "GNSS receiver module", "Приёмник навигационный GPS/ГЛОНАСС")),
    ("851762", ("Модуль радиосвязи", "Router, network equipment", "Маршрутизатор, аппаратура передачи данных")),
    ("8532", ("Конденсаторы", "Fixed capacitors", "Конденсаторы керамические и танталовые")),
    ("8541", ("Транзисторы и диоды", "Semiconductor devices", "Приборы полупроводниковые")),
    ("8482", ("Подшипники", "Bearings", "Подшипники качения")),
    ("8536", ("Разъёмы электрические", "Connectors up to 1000 V", "Соединители штепсельные")),
    ("8534", ("Платы печатные без компонентов", "Printed circuit boards, bare", "Платы печатные многослойные")),
)
TELLING = {
    "8542": ("электронные компоненты STM32F407 для плат управления", "ИМС TMS320 в лентах", "IC chips AD9361, reel"),
    "8806": ("квадрокоптер DJI Mavic 3 в разборе", "летательный аппарат с камерой, 4 мотора", "drone with camera, set"),
    "8526": ("приёмники GPS для бортовой аппаратуры", "GNSS receiver boards NEO-M8N"),
    "": ("узлы электронные с микропроцессором", "modules with microcontroller"),
}
VAGUE = (
    "запасные части",
    "комплектующие",
    "spare parts",
    "детали в ассортименте",
    "electronic goods",
    "accessories",
    "бұйымдар, әртүрлі",
    "товары народного потребления",
    "samples, various",
    "оборудование б/у",
)
PLAIN = {
    "847330": "Части и принадлежности вычислительных машин",
    "854370": "Электроприборы прочие",
    "950300": "Игрушки пластмассовые с мотором",
    "853710": "Щиты распределительные",
}
_LONGEST = 110


def makers(hs6: str) -> tuple[Maker, ...]:
    """Makers of goods of a code; empty where papers rarely name one."""
    return next((found for prefix, found in _BY_PREFIX if hs6.startswith(prefix)), ())


def described(hs6: str, nomenclature: str) -> tuple[str, ...]:
    """Descriptions by which goods of a code are sold."""
    named = next((found for prefix, found in _NAMES if hs6.startswith(prefix)), None)
    if named:
        return named
    text = nomenclature.replace(";", ",")
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rsplit(" ", 1)[0].rstrip(",")
    return (text, f"{text}, new")


def telling(hs6: str) -> tuple[str, ...]:
    """Words that betray listed goods under another code."""
    return next(words for prefix, words in TELLING.items() if hs6.startswith(prefix))
