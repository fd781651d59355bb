"""One customer's id taken out of all files of a lake: landed bytes, staged rows, tables and notes, and out of pages.

A stand-in of the same length goes in its place (`enterprise.privacy.stand_in`): every row stays where it is, every count stays
what it was, and nobody can tell the customer from it. Files keep their names; a landed file's name is the hash of what was
received, and says no more of its bytes from then on.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from warehouse.lake import Lake
from warehouse.tables.declaration import TEXT
from warehouse.tables.registry import ALL_TABLES, PUBLISHED_TABLES

NOTE = "state/forgotten.json"
"""Where the lake notes who is forgotten; conforming reads it."""
SHORTEST_ID, SHORTEST_NUMBER = 4, 6
_PARQUET, _GZIP, _ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04"
_GZIP_CONTAINER, _GZIP_STEP, _GZIP_END = 31, 4096, 4


@dataclass(frozen=True, slots=True)
class Names:
    """What goes, and what stands in its place.

    Attributes:
        stand_ins: new name by former name.
    """

    stand_ins: Mapping[str, str]

    @property
    def words(self) -> re.Pattern[str]:
        """Finds the former names in text, in any case, where they are not part of a longer address, word or number.

        Example:
            >>> Names({"anna@example.org": "x"}).words.findall("<Anna@Example.org>, jo.anna@example.org, anna@example.org.uk")
            ['Anna@Example.org']
            >>> Names({"100123": "x"}).words.findall("customer.100123@mail.example, 2100123, C100123, 100123.50, '100123'")
            ['100123', '100123']
        """
        longest_first = sorted(self.stand_ins, key=len, reverse=True)
        return re.compile("|".join(map(_alone, longest_first)), re.IGNORECASE | re.ASCII)

    def in_text(self, text: str) -> str:
        """Text without the former names; of an address also what stands before it as the person's name.

        Example:
            >>> Names({"anna@example.org": "qrst@uvwxyza.bcd"}).in_text('From: "Anna Berg" <anna@example.org>')
            'From: "xxxx xxxx" <qrst@uvwxyza.bcd>'
        """
        for name in self.stand_ins:
            if "@" in name:
                person = re.compile(rf"[^<>:;,\r\n]+(?=<{re.escape(name)}>)", re.IGNORECASE)
                text = person.sub(lambda found: re.sub(r"[^\W_]", "x", found[0], flags=re.ASCII), text)
        lowered = {name.lower(): new for name, new in self.stand_ins.items()}
        return self.words.sub(lambda found: lowered[found[0].lower()], text)

    def in_bytes(self, content: bytes) -> bytes:
        """A file without the former names: Parquet, gzip, zip, or bytes of any text.

        Sources send damaged files, too, and they are landed: of gzip what can be unpacked is looked at, others as plain bytes.
        """
        if content[:2] == _GZIP:
            return self._in_gzip(content)
        try:
            if content[:4] == _PARQUET:
                return self._in_parquet(content)
            if content[:4] == _ZIP:
                return self._in_zip(content)
        except (pa.ArrowInvalid, OSError, zipfile.BadZipFile, zlib.error):
            pass
        return self._in_plain(content)

    def _in_gzip(self, content: bytes) -> bytes:
        plain, is_whole = _unpacked(content)
        after = self._in_plain(plain)
        if after == plain:
            return content
        packed = gzip.compress(after, mtime=0)
        return packed if is_whole else packed[:-_GZIP_END]  # what was cut off stays so, and is told as before

    def _in_plain(self, content: bytes) -> bytes:
        lowered = content.lower()
        if not any(name.lower().encode() in lowered for name in self.stand_ins):
            return content
        text = content.decode("utf-8", "surrogateescape")
        return self.in_text(text).encode("utf-8", "surrogateescape")

    def _in_zip(self, content: bytes) -> bytes:
        sink, changed = io.BytesIO(), False
        with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as after:
            for member in before.infolist():
                plain = before.read(member)
                news = self.in_bytes(plain)
                changed = changed or news != plain
                after.writestr(member, news)
        return sink.getvalue() if changed else content

    def _in_parquet(self, content: bytes) -> bytes:
        """The same row groups with the same words about them; the bytes of a file without the names stay as they are."""
        file = pq.ParquetFile(pa.BufferReader(content))
        groups = [file.read_row_group(number) for number in range(file.num_row_groups)]
        news = [self._in_table(group) for group in groups]
        if all(after is before for after, before in zip(news, groups, strict=True)):
            return content
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, file.schema_arrow, compression="zstd") as writer:
            for group in news:
                writer.write_table(group.cast(file.schema_arrow), row_group_size=max(group.num_rows, 1))
        written: bytes = sink.getvalue().to_pybytes()
        return written

    def _in_table(self, rows: pa.Table) -> pa.Table:
        after = rows
        for place, field in enumerate(rows.schema):
            column = rows.column(place)
            if pa.types.is_dictionary(field.type) and pa.types.is_string(field.type.value_type):
                column = column.cast(field.type.value_type)
            if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)) or not self._is_in(column):
                continue
            encoded = column.combine_chunks().dictionary_encode()
            words = [None if word is None else self.in_text(word) for word in encoded.dictionary.to_pylist()]
            if words != encoded.dictionary.to_pylist():
                named = pa.array(words, column.type).take(encoded.indices)
                after = after.set_column(place, field, named.cast(field.type))
        return after

    def _is_in(self, column: pa.ChunkedArray) -> bool:
        return any(pc.any(pc.match_substring(column, name, ignore_case=True)).as_py() for name in self.stand_ins)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What held a customer's id.

    Attributes:
        files: files by the part of the lake, or the folder, they lie in.
        rows: rows of the warehouse by table.
    """

    files: Mapping[str, int]
    rows: Mapping[str, int]


def note_forgotten(lake: Lake, customer_hash: str, by: str, reason: str, at: datetime, found: Mapping[str, int]) -> None:
    """Note that a customer is forgotten: the id's keyed hash, who asked for it, why, when, and what held the id; not the id."""
    path = f"{lake.root}/{NOTE}"
    before = json.loads(lake.filesystem.cat_file(path))["customers"] if lake.filesystem.exists(path) else []
    others = [one for one in before if one["customer_hash"] != customer_hash]
    row = {"customer_hash": customer_hash, "by": by, "reason": reason, "at": at.isoformat(), "found": dict(found)}
    lake.write_bytes(path, json.dumps({"customers": [*others, row]}, indent=0, sort_keys=True).encode())


def forget_in_files(lake: Lake, names: Names, but: str = "") -> dict[str, int]:
    """Take the names out of every file below a folder but one; broken off, it is simply repeated.

    Returns:
        Files that held a name, by the first part of their path.
    """
    changed: dict[str, int] = {}
    tables = {lake.path(table, None).rpartition("/")[0]: table for table in ALL_TABLES}
    for path in files_below(lake, but):
        content = lake.filesystem.cat_file(path)
        after = names.in_bytes(content)
        if after != content:
            lake.write_bytes(path, after)
            folder = path.rpartition("/")[0]
            partition = folder.rpartition("/")[2].partition("=")[2]
            table = tables.get(folder.rpartition("/")[0] if partition else folder)
            if table is not None:  # once more as the lake writes it, so that the same rows have the same bytes
                day = date.fromisoformat(partition) if partition else None
                lake.replace(table, lake.read_arrow(table, first=day, last=day), day)
            part = path.removeprefix(f"{lake.root}/").split("/")[0]
            changed[part] = changed.get(part, 0) + 1
    return changed


def forget_in_warehouse(connection: psycopg.Connection, names: Names) -> dict[str, int]:
    """Take the names out of every text of the published tables, in one transaction.

    Returns:
        Rows that held one, by table.
    """
    changed: dict[str, int] = {}
    with connection.transaction():
        for table in PUBLISHED_TABLES:
            place = sql.Identifier("public", table.name)
            for column in (column for column in table.columns if column.type == TEXT and not column.allowed):
                name = sql.Identifier(column.name)
                held = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} ILIKE ANY(%s)").format(name, place)
                texts = [text for (text,) in connection.execute(held, [[f"%{_escaped(one)}%" for one in names.stand_ins]])]
                for text in texts:
                    if (after := names.in_text(text)) != text:
                        update = sql.SQL("UPDATE {1} SET {0} = %s WHERE {0} = %s").format(name, place)
                        changed[table.name] = changed.get(table.name, 0) + connection.execute(update, [after, text]).rowcount
    return changed


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def still_named(lake: Lake, names: Names, but: str = "") -> list[str]:
    """Files below a folder that still hold a name, whatever their form; looked at anew."""
    found = []
    for path in files_below(lake, but):
        content = lake.filesystem.cat_file(path)
        if names.in_bytes(content) != content:
            found.append(path)
    return found


def files_below(lake: Lake, but: str = "") -> Iterator[str]:
    """Every file below the folder, but one (a path below it)."""
    lake.filesystem.invalidate_cache()
    if lake.filesystem.isdir(lake.root):
        found = (str(path) for path in lake.filesystem.find(lake.root))
        yield from sorted(path for path in found if path != f"{lake.root}/{but}")


def _unpacked(content: bytes) -> tuple[bytes, bool]:
    """What can be unpacked of a gzip file, and whether that is all of it.

    Example:
        >>> _unpacked(gzip.compress(b"anna") + gzip.compress(b" berg")), _unpacked(gzip.compress(b"anna")[:-3])
        ((b'anna berg', True), (b'anna', False))
    """
    parts, member = [], zlib.decompressobj(_GZIP_CONTAINER)
    for place in range(0, len(content), _GZIP_STEP):
        block = content[place : place + _GZIP_STEP]
        while block := block.lstrip(b"\0") if member.eof else block:  # there may be padding between members
            member = zlib.decompressobj(_GZIP_CONTAINER) if member.eof else member
            try:
                parts.append(member.decompress(block))
            except zlib.error:
                return b"".join(parts), False
            block = member.unused_data
    return b"".join(parts), member.eof


def _alone(name: str) -> str:
    """A pattern of the name where it stands alone, by what kind of name it is."""
    if "@" in name:
        return rf"(?<![\w.%+\-]){re.escape(name)}(?![\w\-])(?!\.\w)"
    if name.isdigit():
        return rf"(?<![A-Za-z0-9])(?<!\d\.){re.escape(name)}(?![A-Za-z0-9])(?!\.\d)"
    return rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
