"""docs/bench.md: each measurement writes its own section and leaves the others as they are."""

import os
import re

PATH = "docs/bench.md"
HEAD = "# Benchmarks\n\nEach section but the last is written by the command it names; how it measures: `tests/bench/README.md`.\n"
ORDER = ["Commands", "Pages", "Counters", "What stands between"]


def put(name, text):
    """Replaces one section."""
    sections = {}
    if os.path.exists(PATH):
        with open(PATH, encoding="utf-8") as file:
            for part in re.split(r"^## ", file.read(), flags=re.MULTILINE)[1:]:
                title, _, body = part.partition("\n")
                sections[title] = body.strip()
    sections[name] = text.strip()
    known = [title for title in ORDER if title in sections] + [title for title in sections if title not in ORDER]
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(f"\n## {title}\n\n{sections[title]}\n" for title in known))
