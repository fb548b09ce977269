"""Calls that come while one is under way wait for it and are then done together: a group commit for our own work.

Somebody who comes alone is served at once. When many come, each takes a little longer and all of them cost much less,
because a statement for twenty rows costs little more than one for a single row.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Asked = TypeVar("Asked")
Given = TypeVar("Given")


class _Call(Generic[Asked, Given]):
    """One caller's thread and what it waits for. `leads`: it is this thread's turn to do the work."""

    __slots__ = ("answer", "asked", "bell", "leads", "problem")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.bell = threading.Event()
        self.leads = False
        self.answer: Given | None = None
        self.problem: BaseException | None = None


class Gathering(Generic[Key, Asked, Given]):
    """Calls of one key are done one batch after another, by the thread of one of those who wait.

    `do(key, asked)` gets 1 to `most` things and gives, for each in the same order, an answer or the exception to raise.
    """

    def __init__(self, do: Callable[[Key, Sequence[Asked]], Sequence[Given | Exception]], *, most: int) -> None:
        self._do = do
        self._most = most
        self._lock = threading.Lock()
        #: Who waits, by key. A key is here while somebody leads.
        self._waiting: dict[Key, deque[_Call[Asked, Given]]] = {}

    def __call__(self, key: Key, asked: Asked) -> Given:
        """The answer to this call. Raises what `do` gave or raised for it."""
        call: _Call[Asked, Given] = _Call(asked)
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                self._waiting[key] = deque()
                call.leads = True
            else:
                waiting.append(call)
        if not call.leads:
            call.bell.wait()
        if call.leads:
            self._lead(key, call)
        if call.problem is not None:
            raise call.problem
        return call.answer  # type: ignore[return-value] # `do` gave an answer, for there is no problem

    def _lead(self, key: Key, own: _Call[Asked, Given]) -> None:
        with self._lock:
            waiting = self._waiting[key]
            calls = [own, *(waiting.popleft() for _ in range(min(len(waiting), self._most - 1)))]
        try:
            answers = self._do(key, [call.asked for call in calls])
            for call, answer in zip(calls, answers, strict=True):
                if isinstance(answer, Exception):
                    call.problem = answer
                else:
                    call.answer = answer
        except BaseException as problem:
            for call in calls:
                call.problem = problem
            raise
        finally:
            self._hand_over(key)
            for call in calls[1:]:
                call.bell.set()

    def _hand_over(self, key: Key) -> None:
        with self._lock:
            waiting = self._waiting[key]
            if not waiting:
                del self._waiting[key]
                return
            following = waiting.popleft()
        following.leads = True
        following.bell.set()
