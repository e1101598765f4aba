"""Writing tables the way different senders do: encodings, separators, forms of dates and decimals."""

import csv
import io

MANNERS = {
    "plain": ("utf-8", ",", "iso", "."),
    "office": ("cp1251", ";", "ru", ","),
    "marked": ("utf-8-sig", ";", "ru", ","),
    "tabs": ("utf-8", "\t", "iso", "."),
}


class Sheet:
    """A table of one sender."""

    def __init__(self, manner, columns):
        self.encoding, self.separator, self.dates, self.point = MANNERS[manner]
        self.columns, self.lines = columns, []

    def date(self, day):
        if day is None:
            return ""
        return day.isoformat() if self.dates == "iso" else day.strftime("%d.%m.%Y")

    def number(self, text):
        return text.replace(".", self.point)

    def add(self, *cells):
        assert len(cells) == len(self.columns), cells
        self.lines.append(cells)

    def write(self, path):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.separator, lineterminator="\r\n" if self.dates == "ru" else "\n")
        writer.writerow(self.columns)
        writer.writerows(self.lines)
        with open(path, "wb") as file:
            file.write(out.getvalue().encode(self.encoding))
