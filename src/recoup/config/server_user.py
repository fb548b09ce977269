"""Who PostgreSQL runs as. It refuses to run as root, so root steps down to a user without privileges.

That user must reach the cluster's directory and the binaries. Where a directory on the way is closed to it (`/root`,
mode 0700), it is lent the one capability that lets it read and pass directories; files stay its own to write.
"""

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from recoup.config import processes
from recoup.config.refusals import ClusterUnreachable, NoUnprivilegedUser

PREFERRED = ("nobody", "postgres", "daemon")
LOANS = ("dac_read_search", "dac_override")


@dataclass(frozen=True)
class ServerUser:
    """`prefix` stands before a command to run it as this user; it is empty when we are that user already."""

    uid: int
    gid: int
    name: str
    prefix: tuple[str, ...] = ()

    def owns(self, path: Path) -> None:
        """The path belongs to this user afterwards."""
        if self.prefix:
            os.chown(path, self.uid, self.gid)


def choose(cluster: Path, *, binaries: Path, loans: tuple[str, ...] = LOANS) -> ServerUser:
    """The user that owns the cluster, or may own it, with what it needs to get there.

    Raises NoUnprivilegedUser, ClusterUnreachable.
    """
    if os.geteuid() != 0:
        me = os.geteuid()
        if cluster.exists() and cluster.stat().st_uid != me:
            raise ClusterUnreachable(
                f"{cluster} belongs to user {_name(cluster.stat().st_uid)}: start Recoup as the user who made it "
                "(root, if root did), or choose another --data-dir."
            )
        return ServerUser(uid=me, gid=os.getegid(), name=_name(me))
    account = _account(cluster)
    return _with_way(account, loans, cluster=cluster, binaries=binaries)


def _account(cluster: Path) -> pwd.struct_passwd:
    owner = cluster.stat().st_uid if cluster.exists() else 0
    if owner:
        return _entry(owner)
    accounts = {account.pw_name: account for account in pwd.getpwall() if account.pw_uid != 0}
    for name in PREFERRED:
        if name in accounts:
            return accounts[name]
    if not accounts:
        raise NoUnprivilegedUser(
            "PostgreSQL does not run as root, and this machine has no other user. Make one (useradd recoup)."
        )
    return next(iter(accounts.values()))


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise NoUnprivilegedUser(f"the cluster belongs to user {uid}, whom this machine does not know") from None


def _with_way(account: pwd.struct_passwd, loans: tuple[str, ...], *, cluster: Path, binaries: Path) -> ServerUser:
    setpriv = shutil.which("setpriv", path=os.environ.get("PATH", "") + ":/usr/bin:/bin")
    if setpriv is None:
        raise NoUnprivilegedUser(
            "PostgreSQL does not run as root, and `setpriv` (package util-linux) is missing to step down. "
            "Install it, or start bin/up as an ordinary user."
        )
    plain = (setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    ways = [plain, *((*plain, f"--inh-caps=+{loan}", f"--ambient-caps=+{loan}") for loan in loans)]
    for way in ways:
        if _arrives(way, cluster=cluster, binaries=binaries):
            # Asked for again here: the change of user forgets what the outer command asked for.
            told = ("--pdeathsig=INT",) if processes.told_of_our_death(signal.SIGINT) else ()
            return ServerUser(account.pw_uid, account.pw_gid, account.pw_name, (*way, *told, "--"))
    raise ClusterUnreachable(
        f"PostgreSQL does not run as root, and user {account.pw_name}, who runs it instead, cannot get to "
        f"{_first_closed(plain, cluster, binaries)}. Open that directory (chmod o+x), put --data-dir elsewhere, "
        "or start bin/up as an ordinary user."
    )


def _arrives(way: tuple[str, ...], *, cluster: Path, binaries: Path) -> bool:
    there = cluster if cluster.exists() else cluster.parent
    return _succeeds(way, 'cd "$1" && "$2" --version', str(there), str(binaries / "postgres"))


def _first_closed(way: tuple[str, ...], cluster: Path, binaries: Path) -> Path:
    for target in (cluster, binaries):
        for directory in [*reversed(target.parents), target]:
            if directory.exists() and not _succeeds(way, 'cd "$1"', str(directory)):
                return directory
    return binaries / "postgres"


def _succeeds(way: tuple[str, ...], script: str, *arguments: str) -> bool:
    command = [*way, "--", "/bin/sh", "-c", script, "sh", *arguments]
    return subprocess.run(command, capture_output=True, check=False, cwd="/").returncode == 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
