"""What a program is told, and which directory may be a house."""

import json
import os
import subprocess
import sys

import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from recoup.config import house as houses
from recoup.config import ports
from recoup.config.house import EMBEDDED, House, HouseLock
from recoup.config.private_house import PrivateHouse
from recoup.config.refusals import (
    DatabaseChanged,
    DataDirectoryInUse,
    DataDirectoryNotWritable,
    HouseNotRunning,
    NotARecoupDirectory,
    PortTaken,
    UnknownProgram,
)


@pytest.fixture(scope="module")
def house():
    with PrivateHouse(cluster_only=True, settings={"RECOUP_FLAVOUR": "plain"}) as house:
        yield house


@pytest.mark.parametrize(
    ("program", "role"),
    [
        ("web", "recoup_web"),
        ("live", "recoup_web"),
        ("worker", "recoup_worker"),
        ("worker-3", "recoup_worker"),
        ("vault", "recoup_vault"),
        ("insights", "recoup_insights"),
        ("cli", "recoup_worker"),
        ("owner", "recoup_owner"),
    ],
)
def test_each_program_signs_in_with_its_own_role(house, program, role):
    assert house.environment(program)["RECOUP_DATABASE_URL"].startswith(f"postgresql://{role}:")


def test_the_vault_alone_learns_where_its_key_is_and_none_of_the_products_keys(house):
    assert house.environment("vault")["RECOUP_VAULT_KEY_FILE"] == str(house.data_dir / "vault.key")
    assert not {"RECOUP_SECRET_KEY", "RECOUP_FIELD_KEY"} & house.environment("vault").keys()
    for program in ("web", "live", "worker", "cli", "owner", "insights", "provider", "town"):
        assert "RECOUP_VAULT_KEY_FILE" not in house.environment(program), program


def test_the_practice_programs_are_told_no_secret(house):
    secrets = json.loads((house.data_dir / "secrets.json").read_text())
    for program in ("provider", "town"):
        told = " ".join(house.environment(program).values())
        assert not any(
            value in told for value in [secrets["secret_key"], secrets["field_key"], *secrets["passwords"].values()]
        )


def test_no_program_hears_what_stands_in_the_terminal(house, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@elsewhere/db")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    told = house.environment("web")
    assert not {"DATABASE_URL", "AWS_SECRET_ACCESS_KEY"} & told.keys()
    assert told["RECOUP_FLAVOUR"] == "plain"


def test_what_is_sealed_to_the_public_key_is_opened_by_the_vaults_key_only(house):
    public = PublicKey(bytes.fromhex(house.environment("web")["RECOUP_VAULT_PUBLIC_KEY"]))
    private = PrivateKey(bytes.fromhex((house.data_dir / "vault.key").read_text().strip()))
    assert SealedBox(private).decrypt(SealedBox(public).encrypt(b"sk_test")) == b"sk_test"


def test_an_unknown_program_is_refused(house):
    with pytest.raises(UnknownProgram):
        house.environment("kitchen")


def test_a_house_that_does_not_run_has_no_address(tmp_path):
    with pytest.raises(HouseNotRunning):
        House(tmp_path).environment("web")


def test_a_stale_run_file_is_not_a_running_house(house, tmp_path):
    stale = House(tmp_path)
    gone = json.loads((house.data_dir / "run.json").read_text())
    gone["supervisor"]["started"] -= 100  # the number lives on, the process is another
    stale.run_file.write_text(json.dumps(gone))
    assert stale.running() is None
    assert stale.last_run() is not None


def test_secrets_survive_the_second_start(tmp_path):
    house = House(tmp_path / "house")
    houses.claim(house)
    houses.prepare(house)
    first = (house.secrets_file.read_text(), house.vault_key.read_text(), house.vault_public.read_text())
    houses.claim(house)
    houses.prepare(house)
    assert first == (house.secrets_file.read_text(), house.vault_key.read_text(), house.vault_public.read_text())


def test_somebody_elses_directory_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("dear to me")
    with pytest.raises(NotARecoupDirectory, match=r"thesis\.txt"):
        houses.claim(House(tmp_path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataDirectoryNotWritable):
        houses.claim(House(tmp_path / "file" / "recoup"))


def test_a_directory_that_cannot_be_written_is_refused():
    """Asked as an ordinary user, since root may write everywhere."""
    script = (
        "import os, pathlib\n"
        "from recoup.config import house\n"
        "from recoup.config.refusals import DataDirectoryNotWritable\n"
        "os.geteuid() or os.setuid(65534)\n"
        "try: house.claim(house.House(pathlib.Path('/etc/recoup-data')))\n"
        "except DataDirectoryNotWritable as refusal: print(refusal)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "/etc/recoup-data cannot be used" in done.stdout, done.stderr


def test_a_house_keeps_to_its_database(tmp_path):
    house = House(tmp_path / "house")
    houses.claim(house)
    houses.prepare(house, database=EMBEDDED)
    with pytest.raises(DatabaseChanged, match="embedded PostgreSQL"):
        houses.prepare(house, database="postgresql://db.example/recoup")


def test_only_one_supervisor_holds_a_house(tmp_path):
    house = House(tmp_path)
    first, second = HouseLock(house), HouseLock(house)
    first.take()
    with pytest.raises(DataDirectoryInUse):
        second.take()
    first.release()
    second.take()
    second.release()


def test_a_taken_port_is_refused_by_the_name_of_who_has_it(house):
    port = house.running.ports.postgres
    with pytest.raises(PortTaken, match=f"port {port} is taken by process {house.process('postgres').pid}"):
        ports.must_be_free(port)


def test_the_doors_stand_where_they_were_wanted_or_else_somewhere_free(house):
    taken = house.running.ports.postgres
    chosen = ports.choose({"live": taken, "town": 0, "smtp": 0})
    assert len(set(chosen.values())) == 3
    assert taken not in chosen.values()
    assert all(ports.is_free(port) for port in chosen.values())


def test_files_of_the_house_are_closed_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        house = House(tmp_path / "house")
        houses.claim(house)
        houses.prepare(house)
    finally:
        os.umask(before)
    assert house.data_dir.stat().st_mode & 0o066 == 0
    assert all(directory.stat().st_mode & 0o077 == 0 for directory in (house.logs, house.evidence, house.sandbox))
