"""What counting asks of PostgreSQL for each request: nothing, but a purse now and then."""

A_YEAR = 366 * 86_400


def test_a_purse_is_filled_once_for_many_requests(caller, set_limit, monkeypatch):
    from recoup.access import limits_rows

    set_limit("api.key", 2_000, A_YEAR)
    asked, real = [], limits_rows._take

    def take(statement, rule, *told):
        asked.append(rule.bucket)
        return real(statement, rule, *told)

    monkeypatch.setattr(limits_rows, "_take", take)
    for _ in range(12):
        assert caller.get("/refunds").status_code == 200

    assert asked.count("api.key") == 1
