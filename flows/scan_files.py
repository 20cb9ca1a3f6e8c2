"""XML of an unknown shape: a look at its elements, a draft of its shapes, and the source as these shapes give it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from connectors import base
from connectors.xml import Place, Survey, open_xml, survey_xml
from flows.file_sources import xml_shapes
from flows.site import Site, Source, make_private
from mappings.declared import find
from mappings.shapes import XmlReading
from mappings.xml_draft import Element, draft_xml, xml_lines

FILES: Final = 40
"""Files that are looked at."""


@dataclass(frozen=True)
class DraftedShapes:
    """Shapes that nobody has looked at yet. ``lines``: how a profile says them, below ``reading``."""

    reading: XmlReading
    lines: tuple[str, ...]


def draft_shapes(site: Site, source: Source) -> DraftedShapes | None:
    """The shapes of a source of XML that no profile declares; None for any other source. Raises Misconfigured."""
    settings = source.settings
    is_known = find(site.path, "profiles", f"{settings.profile}.yaml") is not None
    if settings.connector != "xml" or settings.path is None or is_known:
        return None
    found = survey_xml(site.path / settings.path, files=FILES)
    said = draft_xml(elements_of(found))
    return DraftedShapes(XmlReading.model_validate(said), tuple(xml_lines(said)))


def open_drafted(site: Site, source: Source, shapes: DraftedShapes) -> base.Source:
    """The source as its drafted shapes give it, over a store of its own."""
    settings = source.settings
    assert settings.path is not None
    store = make_private(make_private(site.var) / "staged") / f"{source.id}-scan.sqlite"
    return open_xml(site.path / settings.path, xml_shapes(shapes.reading, settings.zone), store, files=source.files)


def elements_of(survey: Survey) -> list[Element]:
    """What was met in the files, in the words of the draft."""
    return [_element(place) for place in survey.places.values()]


def _element(place: Place) -> Element:
    form = "text"
    if place.contents:
        form = "file"
    elif place.filled and place.moments == place.filled:
        form = "moment"
    return Element(place.path, place.count, place.most, place.filled, place.is_unique, form)
