"""A web in which one yes is always enough, whoever says it and to whatever amount."""

from recoup.refunds import four_eyes, saying_yes


def break_it() -> None:
    """From now on nobody's limit counts, and two people are never needed."""

    def enough(said, **_told):  # noqa: ANN001, ANN003, ANN202 - broken on purpose
        return four_eyes.Ruling(people=len(said), people_needed=1, is_able=True, whys=())

    saying_yes.four_eyes.rule = enough
