"""Who waits goes together; who comes alone goes at once; and nobody waits for ever."""

import threading
from collections import Counter

import pytest

from recoup.kernel.gathering import Gathering


class Slow:
    """Work that begins only when it is let go; it doubles numbers."""

    def __init__(self, refuses=()):
        self.batches, self.keys, self.refuses = [], [], set(refuses)
        self.began, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, key, asked):
        self.batches.append(list(asked))
        self.keys.append(key)
        self.began.release()
        assert self.go.acquire(timeout=20)
        return [ValueError(one) if one in self.refuses else one * 2 for one in asked]


def call(gathering, key, number, heard):
    def run():
        try:
            heard[number] = gathering(key, number)
        except (RuntimeError, ValueError) as problem:
            heard[number] = problem

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def waiting(gathering, key, count):
    while len(gathering._waiting.get(key, ())) < count:
        threading.Event().wait(0.005)


def test_one_alone_is_served_at_once():
    gathering = Gathering(lambda key, asked: [one * 2 for one in asked], most=5)

    assert gathering("a", 21) == 42
    assert gathering._waiting == {}


def test_those_who_come_meanwhile_go_together_in_their_order_and_each_hears_its_own_answer():
    slow, heard = Slow(), {}
    gathering = Gathering(slow, most=3)
    threads = [call(gathering, "a", 0, heard)]
    assert slow.began.acquire(timeout=20)
    for number in range(1, 6):
        threads.append(call(gathering, "a", number, heard))
        waiting(gathering, "a", number)
    for _ in range(3):
        slow.go.release()
    for thread in threads:
        thread.join(20)

    assert slow.batches == [[0], [1, 2, 3], [4, 5]]
    assert heard == {number: number * 2 for number in range(6)}
    assert gathering._waiting == {}


def test_each_is_refused_alone():
    slow, heard = Slow(refuses=[2]), {}
    gathering = Gathering(slow, most=9)
    threads = [call(gathering, "a", 0, heard)]
    assert slow.began.acquire(timeout=20)
    threads += [call(gathering, "a", number, heard) for number in (1, 2, 3)]
    waiting(gathering, "a", 3)
    slow.go.release()
    slow.go.release()
    for thread in threads:
        thread.join(20)

    assert isinstance(heard.pop(2), ValueError)
    assert heard == {0: 0, 1: 2, 3: 6}


def test_other_keys_do_not_wait():
    slow, heard = Slow(), {}
    gathering = Gathering(slow, most=9)
    threads = [call(gathering, key, number, heard) for number, key in enumerate("abc")]
    for _ in threads:
        assert slow.began.acquire(timeout=20), "a company waited for another one"
    for _ in threads:
        slow.go.release()
    for thread in threads:
        thread.join(20)

    assert sorted(slow.keys) == ["a", "b", "c"]
    assert heard == {0: 0, 1: 2, 2: 4}


def test_work_that_breaks_is_heard_by_all_and_the_next_ones_are_served():
    broken = [RuntimeError("gone")]

    def work(key, asked):
        if broken:
            raise broken.pop()
        return list(asked)

    gathering = Gathering(work, most=9)
    with pytest.raises(RuntimeError):
        gathering("a", 1)

    assert gathering("a", 2) == 2


def test_many_threads_are_each_served_exactly_once():
    seen = Counter()

    def work(key, asked):
        assert len(asked) <= 4
        seen.update(asked)
        return [one + 1 for one in asked]

    gathering, heard = Gathering(work, most=4), {}
    threads = [call(gathering, number % 3, number, heard) for number in range(200)]
    for thread in threads:
        thread.join(20)

    assert heard == {number: number + 1 for number in range(200)}
    assert set(seen.values()) == {1}
    assert gathering._waiting == {}
