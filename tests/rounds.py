"""Workbooks of a round trip as a spreadsheet changes them: reads one, changes it as told in JSON, writes it again.

    rounds.py read BOOK            prints sheets, their state, the rows of the first one, formulas and choices
    rounds.py edit BOOK OUT EDITS  does the edits in their order
"""

import json
import sys

import openpyxl

KEY = "Ключ строки"


def read(path):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    formulas = [cell.coordinate for one in book.worksheets for row in one.iter_rows() for cell in row if cell.data_type == "f"]
    print(
        json.dumps(
            {
                "sheets": [[one.title, one.sheet_state] for one in book.worksheets],
                "rows": rows,
                "formulas": formulas,
                "choices": len(sheet.data_validations.dataValidation),
            },
            ensure_ascii=False,
        )
    )


def edit(path, out, edits):
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    head = {cell.value: cell.column for cell in sheet[2] if cell.value}

    def row_of(key):
        for row in range(3, sheet.max_row + 1):
            if str(sheet.cell(row, head[KEY]).value) == str(key):
                return row
        raise SystemExit(f"no row {key}")

    def put(row, title, value):
        cell = sheet.cell(row, head[title])
        cell.value = value
        # A text stays one, whatever it begins with.
        if isinstance(value, str):
            cell.data_type = "s"

    for one in edits:
        match one["do"]:
            case "put":
                put(row_of(one["key"]), one["column"], one["value"])
            case "formula":
                sheet.cell(row_of(one["key"]), head[one["column"]]).value = one["value"]
            case "key":
                put(row_of(one["key"]), KEY, one["value"])
            case "add":
                row = sheet.max_row + 1
                for title, value in one["row"].items():
                    put(row, title, value)
            case "delete":
                sheet.delete_rows(row_of(one["key"]))
            case "drop":
                del book[one["sheet"]]
            case other:
                raise SystemExit(f"what is {other}?")
    book.save(out)


if sys.argv[1] == "read":
    read(sys.argv[2])
else:
    edit(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
