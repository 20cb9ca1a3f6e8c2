"""Sources that are files: from what a site and a profile declare to a connector over a private store."""

from __future__ import annotations

from connectors import base
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.xml import open_xml
from flows.site import Site, SiteError, Source
from mappings.profile import Profile
from mappings.shapes import XmlReading


def open_file_source(site: Site, source: Source, profile: Profile) -> base.Source:
    """The connector of a source that lies at a path. Raises SiteError when the profile has no shapes for its kind."""
    settings = source.settings
    assert settings.path is not None
    if profile.reading.xml is None:
        raise SiteError(
            f"Nguồn {source.name} là {settings.connector}, nhưng profile {profile.name} không khai reading.xml. "
            "Chọn profile khác, hoặc khai các bảng của tệp ở đó."
        )
    return open_xml(
        site.path / settings.path,
        xml_shapes(profile.reading.xml, settings.zone),
        site.var / "staged" / f"{source.id}.sqlite",
        xsd=None if settings.xsd is None else site.path / settings.xsd,
        files=source.files,
        accepted=settings.accept_broken,
        rate_rows_per_s=settings.rows_per_second,
    )


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
