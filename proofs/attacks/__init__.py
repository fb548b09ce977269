"""Attacks: nobody gets in where they do not belong. `bin/proofs attacks [A-01 ...] [--short] --json`

One module per row of the list in `program.ROWS`, called `a_NN_<some_words>.py`. A row without a module fails the
run; with `--built`, as in the gate, it is left out and named in the last line.
All rows share one private house (`ground.Ground`): its own PostgreSQL, web, worker, vault, and the practice world, all
as real processes, with two companies that have nothing to do with each other.

    NAME = "A-11"
    TITLE = "Other sites cannot act in a person's name"

    def run(ground: Ground, seen: Seen) -> None:
        answer = ground.call("POST", "/review/RC-...", session=..., headers={"Origin": "https://evil.example"})
        seen.expect(answer.status_code == 403, f"a form of another site was taken: {answer.status_code}")
        with ground.broken("no_csrf") as url:                       # proofs/broken/no_csrf.py, see below
            answer = ground.call("POST", "/review/RC-...", url=url, ...)
            seen.control(answer.status_code == 200, "a web without the check of form tokens")

`seen.expect(holds, words)` counts a check and notes what did not hold. `seen.control(failed, words)` is for a build
that was broken on purpose: the attack has to *succeed* there, or it could not have seen the fault. Every module has at
least one control. `raise NotApplicable("why")` when this machine or this build cannot be attacked that way; never to
hide a fault. An exception of any other kind is a failed row.

What a module finds on the ground:

    ground.url, ground.house               the web's address; the PrivateHouse (programs, logs, database_url(role))
    ground.one, ground.two                 two companies, `Tenant`: id, slug, name, rail_account_id, webhook_secret
    tenant.key("refunds:read", ...)        a key with exactly these scopes (the same one each time)
    tenant.hire("reviewer")                somebody new with that role: email, password, TOTP `code()`, person_id
    tenant.order(), tenant.sofa_order()    the number of an order nobody used; a sofa's case waits for a person
    tenant.case(), tenant.waiting_case()   a new case: (id, number, order, email); approved at once, or waiting
    ground.call(method, path, key= | session= | token=, json= | data=, headers=, url=)   one HTTP request, no redirects
    ground.sign_in(person)                 a requests.Session with a second factor given; `ground.form_token(session)`
    ground.mails(email)                    what the practice town's catcher holds for that address, newest last
    ground.rows(sql, *values)              the superuser's look into the database; `ground.execute` to set a scene
    ground.changed(do)                     runs `do()`, gives the tables whose rows are not what they were
    ground.is_short                        the gate's form: take a sample where the whole takes more than some seconds

Broken builds. `ground.broken("name")` serves `recoup.config.wsgi` on a port of its own after `break_it()` of
`proofs/broken/name.py`; the product has no switch for any of them, and the sound web keeps running beside it. Walls of
the database are taken down with `ground.taken_down(sql, again=sql)`.

Rows run one after another and share limits and purses: use people, keys and orders of your own, use up only limits of
your own (an address in 127.0.0.0/8 is one: `source="127.0.7.1"`), and leave no setting behind. The whole has about
three minutes on two slow cores, a row about six seconds in `--short`; wait for what you want to see, never for a time.
Each row is a sentence in `docs/proofs.md`.
"""
