"""A file that every Recoup serves."""

from pathlib import Path


def static_file():
    import recoup.web

    folder = Path(recoup.web.__file__).parent / "static"
    found = min(str(path.relative_to(folder)) for path in folder.rglob("*.css"))
    return f"/static/{found}"
