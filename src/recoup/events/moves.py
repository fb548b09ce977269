"""Publishing a state machine: its moves as rows, and the trigger that holds a table to them. For migrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.migrations import RunSQL


def publish(*, machine: str, table: str, moves: Mapping[str, Iterable[str]], first: Iterable[str]) -> RunSQL:
    """`table` (columns id, merchant_id, state) can afterwards only start in `first` and move as `moves` says."""
    pairs = [("", state) for state in sorted(first)]
    pairs += [(was, becomes) for was in sorted(moves) for becomes in sorted(moves[was])]
    rows = ", ".join(f"('{machine}', '{was}', '{becomes}')" for was, becomes in pairs)
    return RunSQL(
        sql=f"""
INSERT INTO events_move (machine, from_state, to_state) VALUES {rows};
CREATE TRIGGER starts_in_the_table AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events_record_transitions('{machine}');
CREATE TRIGGER moves_in_the_table AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events_record_transitions('{machine}');
""",
        reverse_sql=f"""
DROP TRIGGER starts_in_the_table ON {table};
DROP TRIGGER moves_in_the_table ON {table};
DELETE FROM events_move WHERE machine = '{machine}';
""",
    )
