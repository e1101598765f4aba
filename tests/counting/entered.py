"""Numbers that units enter in forms, by unit, measure and period."""

from reading import number, rows


class Entered:
    def __init__(self, folder, units):
        self.units = units
        self.values = {}
        for row in rows(f"{folder}/forms.csv"):
            self.values[row["единица"], row["показательиливеличина"], row["период"]] = number(row["значение"])

    def total(self, unit, measure, period, on):
        """What the unit itself entered, or the sum over the municipalities in it; none if nobody entered anything."""
        own = self.values.get((unit, measure, period))
        if own is not None:
            return own
        found = [
            value
            for (code, of, when), value in self.values.items()
            if of == measure and when == period and self.units.kind[code] == "municipality"
            and unit in self.units.above(code, on)
        ]  # fmt: skip
        return sum(found) if found else None
