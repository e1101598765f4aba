"""Reading the files as people send them: encoding and separator are found out, dates and decimals are read strictly.

Part of a second, independent count: it reads files only, and knows neither the database nor the program.
"""

import csv
import datetime
import io
import os
import re
from fractions import Fraction

RUBBISH = re.compile("[\u00a0\u200b-\u200f\ufeff\t]")


def clean(text):
    """A cell without invisible characters and outer blanks; a dash means "no value"."""
    text = " ".join(RUBBISH.sub(" ", text).split())
    return "" if text in ("-", "–", "—") else text


def header_key(text):
    return re.sub(r"[\s.]", "", clean(text).lower().replace("ё", "е"))


def decode(data):
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1251")


def rows(path):
    """Rows of a table as dictionaries from the header's key (lower case, no ё, blanks, dots) to a clean cell."""
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        text = decode(file.read())
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    keys = [header_key(cell) for cell in next(reader)]
    return [dict(zip(keys, map(clean, row))) for row in reader if any(row)]


def date(text):
    """`31.12.2023` or `2023-12-31`; empty is no date."""
    if not text:
        return None
    if "." in text:
        day, month, year = map(int, text.split("."))
    else:
        year, month, day = map(int, text.split("-"))
    return datetime.date(year, month, day)


def number(text):
    return Fraction(text.replace(",", ".").replace(" ", ""))


def snils(text):
    digits = re.sub(r"\D", "", text).rjust(11, "0")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def codes(text):
    return [clean(code) for code in text.split(";") if clean(code)]
