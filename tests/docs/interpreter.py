"""The Python that a page's blocks run in: reads one block of code per line (JSON), answers with what it printed."""

import contextlib
import doctest
import io
import json
import sys
import traceback


def run(code: str, namespace: dict) -> dict:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            is_right = _doctest(code, namespace) if ">>> " in code else _plain(code, namespace)
    except BaseException:  # noqa: BLE001 - whatever the page's code raises is the page's failure
        return {"is_right": False, "printed": printed.getvalue() + traceback.format_exc()}
    return {"is_right": is_right, "printed": printed.getvalue()}


def _plain(code: str, namespace: dict) -> bool:
    exec(compile(code, "<page>", "exec"), namespace)  # noqa: S102 - running the page is the point
    return True


def _doctest(code: str, namespace: dict) -> bool:
    test = doctest.DocTestParser().get_doctest(code + "\n", namespace, "page", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
    failed = runner.run(test, clear_globs=False).failed
    namespace.update(test.globs)
    return failed == 0


if __name__ == "__main__":
    names: dict = {"__name__": "__main__"}
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line), names)), flush=True)
