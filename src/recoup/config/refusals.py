"""Why a house does not start. Each message is written for the person at the terminal."""


class Refusal(Exception):
    """The house does not start (or stop, or answer), and the message says what to do about it."""


class DataDirectoryNotWritable(Refusal):
    pass


class NotARecoupDirectory(Refusal):
    pass


class DataDirectoryInUse(Refusal):
    pass


class DatabaseChanged(Refusal):
    """The data directory belongs to one database and was started with another."""


class HouseNotRunning(Refusal):
    pass


class UnknownProgram(Refusal):
    pass


class PortTaken(Refusal):
    pass


class NoUnprivilegedUser(Refusal):
    pass


class ClusterUnreachable(Refusal):
    """The unprivileged user that runs PostgreSQL cannot get at the cluster or at the binaries."""


class ClusterFailed(Refusal):
    """initdb or postgres ended with an error; its own words are in the message."""


class ServerUnusable(Refusal):
    """The server behind DATABASE_URL is too old, out of reach, or its user may not do what is needed."""


class RolesInUse(Refusal):
    """Another Recoup is connected with the roles whose passwords would have to change."""


class MigrationFailed(Refusal):
    pass


class ProgramFailed(Refusal):
    """A program ended during the start; the end of its log is in the message."""


class NotHealthyInTime(Refusal):
    pass
