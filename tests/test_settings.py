"""Settings: each can be set, each is described, and none is guessed."""

from __future__ import annotations

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from keruen import settings as settings_module
from keruen.errors import Forbidden, IntegrityFailure, InvalidInput
from keruen.settings import Settings, documented, load


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("KERUEN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_everything_works_without_being_set(tmp_path: Path) -> None:
    settings = load()
    assert settings.home == tmp_path / "data" / "keruen"
    assert settings.log_dir == settings.home / "log"
    assert settings.database_url is None
    assert (settings.host, settings.port, settings.debug) == ("127.0.0.1", 8000, False)
    assert (settings.clock, settings.language, settings.profile) == ("system", "en", "kz")


def test_reading_makes_nothing_on_disk(tmp_path: Path) -> None:
    load()
    assert list(tmp_path.iterdir()) == []


def test_a_relative_xdg_folder_counts_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load().home == tmp_path / ".local" / "share" / "keruen"


def test_home_may_use_a_tilde_and_be_relative(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERUEN_HOME", "~/caravan")
    assert load().home == tmp_path / "caravan"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERUEN_HOME", "here")
    assert load().log_dir == tmp_path / "here" / "log"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_DATABASE_URL", "")
    monkeypatch.setenv("KERUEN_PORT", "")
    assert load().port == 8000


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("KERUEN_PORT", "eight", "valid integer"),
        ("KERUEN_PORT", "70000", "less than or equal to 65535"),
        ("KERUEN_LANGUAGE", "de", "'kk', 'ru' or 'en'"),
        ("KERUEN_CLOCK", "sundial", "'system' or 'replay'"),
        ("KERUEN_DEBUG", "perhaps", "valid boolean"),
        ("KERUEN_JURISDICTION", "Kazakhstan", "pattern"),
        ("KERUEN_LOG_ORIGIN", "two words", "pattern"),
        ("KERUEN_MAX_ROWS", "0", "greater than or equal to 1"),
        ("KERUEN_ALLOWED_HOSTS", " , ", "at least 1 item"),
    ],
)
def test_what_cannot_be_parsed_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as caught:
        load()
    assert caught.value.text.startswith(f"{name}: found ")
    assert expected in caught.value.text
    assert caught.value.params["name"] == name


def test_an_unreadable_home_is_the_only_thing_complained_of() -> None:
    with pytest.raises(InvalidInput, match=r"KERUEN_HOME: found 7") as caught:
        Settings(home=7)
    assert "KERUEN_LOG_DIR" not in caught.value.text


def test_every_setting_is_asked_for_somewhere() -> None:
    source = Path(settings_module.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py") if path.name != "settings.py")
    unused = [name for name in Settings.model_fields if not re.search(rf"\.{name}\b", text)]
    # The key is given out by `secret`, which makes one where none is set.
    assert unused == ["secret_key"]


def test_several_faults_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_PORT", "eight")
    monkeypatch.setenv("KERUEN_MAX_ROWS", "many")
    with pytest.raises(InvalidInput, match=r"KERUEN_PORT: .* \(and 1 more: KERUEN_MAX_ROWS\)"):
        load()


def test_a_misspelt_variable_is_refused_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_DATABSE_URL", "postgresql:///x")
    with pytest.raises(InvalidInput, match="did you mean KERUEN_DATABASE_URL"):
        load()


def test_variables_of_tests_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_TEST_ANYTHING", "1")
    assert load().port == 8000


@pytest.mark.parametrize("url", ["localhost", "postgresql://keruen@db", "host=db dbname=keruen", "postgresql://[bad/x"])
def test_a_database_url_must_be_one_and_is_never_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("KERUEN_DATABASE_URL", url)
    with pytest.raises(InvalidInput, match="expected postgresql://user:password@host") as caught:
        load()
    assert url not in str(caught.value)


def test_secrets_are_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_DATABASE_URL", "postgresql://keruen:hunter2@db/keruen")
    monkeypatch.setenv("KERUEN_SECRET_KEY", "k" * 50)
    settings = load()
    assert "hunter2" not in repr(settings)
    assert "kkk" not in repr(settings)
    assert settings.secret() == "k" * 50


def test_a_short_secret_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_SECRET_KEY", "hunter2")
    with pytest.raises(InvalidInput, match=r"KERUEN_SECRET_KEY: .* at least 50 characters") as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_the_record_is_frozen() -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.port = 1


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidInput, match="colour is no setting"):
        Settings(colour="red")


def test_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERUEN_ALLOWED_HOSTS", "keruen.gov.kz, 10.0.0.7")
    assert load().allowed_hosts == ("keruen.gov.kz", "10.0.0.7")


def test_the_secret_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: settings.secret(), range(8)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 50
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]


def test_a_secret_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.secret()
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(Forbidden, match="can be read by others"):
        settings.secret()


def test_a_damaged_secret_is_not_replaced_in_silence(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.secret()
    (tmp_path / "secret").write_text("")
    with pytest.raises(IntegrityFailure, match="holds no key"):
        settings.secret()


def test_every_setting_is_described() -> None:
    rows = documented()
    assert [row.env for row in rows] == [f"KERUEN_{name.upper()}" for name in Settings.model_fields]
    for row in rows:
        assert row.meaning.endswith("."), row.env
        assert row.type, row.env
        assert row.default, row.env


def test_documented_defaults_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load()
    for row in documented():
        if row.default != "unset" and row.type != "path":
            monkeypatch.setenv(row.env, row.default)
    assert load() == before
