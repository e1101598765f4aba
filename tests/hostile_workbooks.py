"""Writes workbooks that try to stop whoever opens them. Usage: hostile_workbooks.py FOLDER [NAME…]

Each is a workbook in its outer shape; what is wrong with it stands in the name of the function. Standard library only.
"""

import struct
import sys
import zipfile
import zlib
from pathlib import Path

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROOT = (
    f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
    '<sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>'
)
BOOK_LINKS = (
    f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
    f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
HEADERS = ["Код", "Наименование", "Вид", "Входит в"]


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(rows, before=""):
    head = "".join(text_cell(f"{column}1", title) for column, title in zip("ABCD", HEADERS))
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData><row r="1">{head}</row>'
        f"{rows}</sheetData></worksheet>"
    )


def write(path, worksheet, more=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", ROOT)
        book.writestr("xl/workbook.xml", BOOK)
        book.writestr("xl/_rels/workbook.xml.rels", BOOK_LINKS)
        book.writestr("xl/worksheets/sheet1.xml", worksheet)
        for name, content in more:
            book.writestr(name, content)


def far_corner_cell(path):
    write(path, sheet(f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>'))


def string_of_a_gibibyte(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", ROOT)
        book.writestr("xl/workbook.xml", BOOK)
        book.writestr("xl/_rels/workbook.xml.rels", BOOK_LINKS)
        book.writestr("xl/worksheets/sheet1.xml", sheet(""))
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'<?xml version="1.0"?><sst xmlns="{MAIN}"><si><t>'.encode())
            block = b"A" * (1 << 20)
            for _ in range(1024):
                part.write(block)
            part.write(b"</t></si></sst>")


def lying_sizes(path):
    """The headers of the archive promise a small sheet; three hundred megabytes come out."""
    body = sheet('<row r="2">' + text_cell("A2", "B" * 10) + "</row>")
    head, tail = body.split("<row", 1)
    filler = b" " * (1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, checksum = b"", 0
    for part in [head.encode()] + [filler] * 300 + [("<row" + tail).encode()]:
        checksum = zlib.crc32(part, checksum)
        packed += packer.compress(part)
    packed += packer.flush()
    write(path, "")
    with zipfile.ZipFile(path) as book:
        parts = [(info.filename, book.read(info)) for info in book.infolist() if "sheet1" not in info.filename]
    out, directory = b"", b""
    for name, content in parts + [("xl/worksheets/sheet1.xml", None)]:
        if content is None:
            data, method, check, claimed = packed, 8, checksum, 1000
        else:
            data, method, check, claimed = content, 0, zlib.crc32(content), len(content)
        raw = name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 33, check, len(data), claimed, len(raw), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + raw
        out += b"PK\x03\x04" + common + raw + data
    end = struct.pack("<HHHHIIH", 0, 0, len(parts) + 1, len(parts) + 1, len(directory), len(out), 0)
    path.write_bytes(out + directory + b"PK\x05\x06" + end)


def a_hundred_thousand_entries(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("xl/workbook.xml", BOOK)
        for number in range(100_000):
            book.writestr(f"xl/media/{number}.bin", b"")


def document_type(path):
    entities = "".join(f'<!ENTITY e{n + 1} "&e{n};&e{n};&e{n};&e{n};&e{n};&e{n};&e{n};&e{n};">' for n in range(1, 12))
    before = f'<!DOCTYPE worksheet [<!ENTITY e1 "boom">{entities}]>'
    write(path, sheet(f'<row r="2">{text_cell("A2", "&e12;")}</row>', before))


def millions_of_short_strings(path):
    """Within the limit when unpacked, far above it when every string is held apart."""
    body = "<si></si>" * 21_000_000
    strings = f'<?xml version="1.0"?><sst xmlns="{MAIN}">{body}</sst>'
    write(path, sheet(""), [("xl/sharedStrings.xml", strings), ("xl/noise.bin", noise(2_000_000))])


def noise(size):
    """Bytes that do not pack, so that the ratio stays low; the same at every run."""
    state, out = 1, bytearray()
    while len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        out += state.to_bytes(8, "little")
    return bytes(out)


def macros(path):
    write(path, sheet(""), [("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")])


def cut_off(path):
    write(path, sheet(f'<row r="2">{text_cell("A2", "x")}</row>'))
    path.write_bytes(path.read_bytes()[:-40])


def old_format(path):
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)


def no_workbook(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")


def a_sheet_that_never_ends(path):
    write(path, sheet('<row r="2">' + text_cell("A2", "x"))[: -len("</sheetData></worksheet>")])


def rows_that_go_back(path):
    write(path, sheet(f'<row r="9">{text_cell("A9", "x")}</row><row r="2">{text_cell("A2", "x")}</row>'))


def long_cell(path):
    write(path, sheet(f'<row r="2">{text_cell("A2", "я" * 40_000)}</row>'))


MAKERS = [
    far_corner_cell,
    string_of_a_gibibyte,
    lying_sizes,
    a_hundred_thousand_entries,
    document_type,
    millions_of_short_strings,
    macros,
    cut_off,
    old_format,
    no_workbook,
    a_sheet_that_never_ends,
    rows_that_go_back,
    long_cell,
]

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for maker in MAKERS:
        if sys.argv[2:] and maker.__name__ not in sys.argv[2:]:
            continue
        maker(folder / f"{maker.__name__}.xlsx")
