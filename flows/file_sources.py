"""Sources that are files: from what a site and a profile declare to a connector over a private store."""

from __future__ import annotations

from connectors import base
from connectors._sheet_shapes import SheetColumn, SheetShapes, SheetTable
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.spreadsheet import open_spreadsheet
from connectors.xml import open_xml
from flows.site import Site, SiteError, Source
from mappings.profile import Profile
from mappings.shapes import XmlReading
from mappings.sheet_shapes import SheetReading


def open_file_source(site: Site, source: Source, profile: Profile) -> base.Source:
    """The connector of a source that lies at a path. Raises SiteError when the profile has no shapes for its kind."""
    settings = source.settings
    assert settings.path is not None
    path, store = site.path / settings.path, site.var / "staged" / f"{source.id}.sqlite"
    reading, rate = profile.reading, settings.rows_per_second
    if settings.connector == "spreadsheet" and reading.spreadsheet is not None:
        shapes = sheet_shapes(reading.spreadsheet)
        return open_spreadsheet(
            path, shapes, store, files=source.files, accepted=settings.accept_broken, rate_rows_per_s=rate
        )
    if settings.connector == "xml" and reading.xml is not None:
        return open_xml(
            path,
            xml_shapes(reading.xml, settings.zone),
            store,
            xsd=None if settings.xsd is None else site.path / settings.xsd,
            files=source.files,
            accepted=settings.accept_broken,
            rate_rows_per_s=rate,
        )
    raise SiteError(
        f"Nguồn {source.name} là {settings.connector}, nhưng profile {profile.name} không khai "
        f"reading.{settings.connector}. Chọn profile khác, hoặc khai các bảng của tệp ở đó."
    )


def sheet_shapes(reading: SheetReading) -> SheetShapes:
    """Declared shapes in the connector's own words."""
    tables = tuple(
        SheetTable(
            name,
            {
                column: SheetColumn(said.labels, said.form, said.required, said.above)
                for column, said in shape.columns.items()
            },
            shape.key,
            shape.links,
            shape.left_out,
            tuple(shape.ignore),
            shape.not_values,
        )
        for name, shape in reading.tables.items()
    )
    return SheetShapes(tables, tuple(reading.ignored_sheets))


def xml_shapes(reading: XmlReading, zone: str) -> XmlShapes:
    """Declared shapes in the connector's own words."""
    tables = tuple(
        XmlTable(
            name,
            shape.record,
            {column: XmlColumn(said.path, said.form, said.join) for column, said in shape.columns.items()},
            shape.key,
            tuple(reading.ancestors(name)),
            tuple(shape.ignore),
            shape.repeats == "last",
        )
        for name, shape in reading.tables.items()
    )
    return XmlShapes(tables, reading.namespaces, reading.record_mb << 20, zone)
