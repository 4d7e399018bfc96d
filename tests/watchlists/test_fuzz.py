"""Whatever is done to a file, a loader gives an edition or says plainly why not: no other failure, no end of memory."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from pathlib import Path

import pytest

from keruen.errors import InvalidInput
from keruen.watchlists import source
from keruen.watchlists.read import read

DATA = Path(__file__).parent / "data"
FILES = sorted(each.name for each in DATA.iterdir() if each.suffix != ".md")
ROUNDS = 60


def tried(name: str, data: bytes) -> str:
    """`read`, or the code of the refusal; anything else that is raised fails the test."""
    return tried_set([(name, data)])


def tried_set(files: list[tuple[str, bytes]]) -> str:
    """The same of the files of one list."""
    try:
        read(files)
    except InvalidInput as error:
        return error.code if error.text.strip() else "said nothing"
    return "read"


@pytest.mark.parametrize("name", FILES)
def test_cut_off_anywhere(name: str) -> None:
    data = (DATA / name).read_bytes()
    found = {tried(name, data[: len(data) * part // ROUNDS]) for part in range(ROUNDS)}
    assert "list_empty" in found
    if name.endswith(".xml"):
        assert "list_xml" in found


@pytest.mark.parametrize("name", FILES)
def test_bytes_changed_at_random(name: str) -> None:
    drawn = random.Random(name)
    data = (DATA / name).read_bytes()
    for _ in range(ROUNDS):
        broken = bytearray(data)
        for _ in range(drawn.randrange(1, 20)):
            at = drawn.randrange(len(broken))
            what = drawn.randrange(4)
            if what == 0:
                broken[at] = drawn.randrange(256)
            elif what == 1:
                del broken[at : at + drawn.randrange(1, 50)]
            elif what == 2:
                broken[at:at] = drawn.choice([b'"', b"<", b"&", b",", b";", b"\r", b"\xff\xfe", b"]]>", b"|"])
            else:
                other = drawn.randrange(len(broken))
                broken[at:at] = broken[other : other + 200]
        tried(name, bytes(broken))


OFAC_SET = ("ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv")
JOURNAL = (
    "celex,recordId,programKey,annex,measure,startDate,schema,name,alias,weakAlias,previousName,country,birthDate,"
    "innCode,ogrnCode,imoNumber,address\n"
    "32099R0001,1,EU-X,I,Asset freeze,1.2.2024,Person,Alma Bek (Алма Бек),Alma Beg;A. Bek,Alma,,KZ,3.4.1971,,,,X\n"
    "32099R0001,2,EU-X,I,Asset freeze,1.2.2024,Company,Alma Bek Trade LLC,,,,KZ,,7707083893,1027700132195,,\n"
    "32099R0001,3,EU-X,I,Port ban,1.2.2024,Vessel,Alma Star,,,,KZ,,,,9074729,\n"
)


def damaged(data: bytes, drawn: random.Random) -> bytes:
    """Cut off, or with a few bytes changed, left out or put in."""
    if drawn.randrange(3) == 0:
        return data[: drawn.randrange(len(data))]
    broken = bytearray(data)
    for _ in range(drawn.randrange(1, 12)):
        at = drawn.randrange(len(broken))
        broken[at : at + drawn.randrange(4)] = drawn.choice([b"", b'"', b",", b"\0", b"\n", b"\xff", b"x"])
    return bytes(broken)


@pytest.mark.parametrize("which", OFAC_SET)
def test_any_file_of_a_set_damaged(which: str) -> None:
    names = {"ofac_sdn.csv": "sdn.csv", "ofac_alt.csv": "alt.csv", "ofac_add.csv": "add.csv"}
    whole = {each: (DATA / each).read_bytes() for each in OFAC_SET}
    assert len(read([(names[each], data) for each, data in whole.items()]).parties) > 0
    drawn = random.Random(which)
    for _ in range(ROUNDS):
        files = {**whole, which: damaged(whole[which], drawn)}
        assert tried_set([(names[each], data) for each, data in files.items()]) != "said nothing"


def test_annexes_of_the_journal_damaged() -> None:
    assert tried("annex.csv", JOURNAL.encode()) == "read"
    drawn = random.Random("journal")
    for _ in range(3 * ROUNDS):
        tried("annex.csv", damaged(JOURNAL.encode(), drawn))
    assert tried("annex.csv", JOURNAL.replace("Trade", "Tra\0de").encode()) == "list_null"


XML = [name for name in FILES if name.endswith(".xml")]
ENTITIES = b'<!DOCTYPE l SYSTEM "file:///etc/passwd" [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("name", XML)
def test_every_xml_loader_refuses_entities(name: str) -> None:
    data = (DATA / name).read_bytes()
    start = data.index(b"?>") + 2 if data.lstrip().startswith(b"<?xml") else 0
    assert tried(name, data[:start] + ENTITIES + data[start:]) == "list_doctype"


@pytest.mark.parametrize("name", FILES)
def test_a_null_byte_is_refused(name: str) -> None:
    data = (DATA / name).read_bytes()
    middle = len(data) // 2
    assert tried(name, data[:middle] + b"\0" + data[middle:]) in {"list_null", "list_xml"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp1251"])
@pytest.mark.parametrize("name", ["un.xml", "canada.xml", "uk.csv", "own.csv", "ftm.json", "japan.txt"])
def test_another_encoding_is_refused_or_read_right(name: str, encoding: str) -> None:
    text = (DATA / name).read_text("utf-8")
    data = text.encode(encoding, "replace")
    code = tried(name, data)
    if name.endswith(".xml") and encoding != "cp1251":
        return  # XML may say so itself; then it is read right or refused as not what it says
    assert code != "read" or data.isascii()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><CONSOLIDATED_LIST>&c;</CONSOLIDATED_LIST>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE l SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<CONSOLIDATED_LIST>&x;</CONSOLIDATED_LIST>"
)


@pytest.mark.parametrize("data", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_entities_and_outside_references_are_refused(data: bytes) -> None:
    assert tried("un.xml", data) == "list_doctype"


def test_elements_within_elements_without_end_are_refused() -> None:
    assert tried("un.xml", b"<CONSOLIDATED_LIST>" + b"<a>" * 100_000) == "list_depth"


@pytest.mark.parametrize("head", [b"id,name\n1,", b"name", b'{"id": "a", "schema": "Person", "x": "', b"[", b""])
def test_one_line_without_end_is_refused(head: bytes) -> None:
    assert tried("x", head + b"a" * (source.MAX_LINE * 9)) != "read"


def test_a_small_gzip_of_a_huge_file_is_refused_before_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 1 << 20)
    packed = gzip.compress(b"a" * (64 << 20))
    tracemalloc.start()
    try:
        assert tried("x.gz", packed) == "list_size"
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_cut_gzip_is_refused() -> None:
    packed = gzip.compress((DATA / "un.xml").read_bytes())
    assert tried("un.xml.gz", packed[: len(packed) // 2]) == "list_gzip"


@pytest.mark.parametrize(
    "text", ["", "hello", "<html><body>502 Bad Gateway</body></html>", "a,b\n1,2\n", "{}", "[]", "null"]
)
def test_what_is_no_list_is_refused(text: str) -> None:
    assert tried("page", text.encode()) != "read"


def test_a_list_that_states_its_count_is_refused_when_short() -> None:
    text = (DATA / "ofac_cons.xml").read_text("utf-8")
    start, end = text.index("<sdnEntry>"), text.index("</sdnEntry>") + len("</sdnEntry>")
    assert tried("cons.xml", (text[:start] + text[end:]).encode()) == "list_count"


@pytest.mark.skipif(
    not (DATA.parents[3] / "shared").exists(),
    reason="the really damaged list is not on this machine; others are made here",
)
def test_the_really_damaged_list_is_refused() -> None:
    path = DATA.parents[3] / "shared/data/sanctions/un_sc/un_consolidated_2025-08-16_damaged_encoding.xml.gz"
    assert tried(path.name, path.read_bytes()) == "list_encoding"
