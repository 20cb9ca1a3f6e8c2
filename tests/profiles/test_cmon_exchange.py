"""The exchange tables of CMON: a row belongs to nobody else until it is tied to a dossier."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from connectors.base import ReadPlan, TableRead
from connectors.sql import SqlSource
from mappings.plan import make_plan
from mappings.profile import load_profile

PARAMS = {"cutoff": "2025-07-01 00:00:00", "sweep": "2025-12-01 00:00:00"}
TABLES = """
CREATE TABLE exch_hosomotcua (id INTEGER PRIMARY KEY, masohoso TEXT, ngaynophoso TEXT);
CREATE TABLE cmon_hosoanhxa (ID INTEGER PRIMARY KEY, HOSOTTHCCONGID REAL, MAHOSO TEXT);
CREATE TABLE cmon_hosotthccong (ID REAL PRIMARY KEY);
INSERT INTO exch_hosomotcua VALUES (1, 'A', '02/06/2025'), (2, 'B', '02/06/2025'), (3, 'C', '02/06/2025'),
  (4, 'D', '02/06/2025');
INSERT INTO cmon_hosoanhxa VALUES (1, 101, 'A'), (2, NULL, 'B'), (3, 404, 'D');
INSERT INTO cmon_hosotthccong VALUES (101);
"""


def test_a_code_that_is_mapped_to_no_dossier_or_to_one_that_is_gone_has_not_reached_one(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "cu.sqlite")
    base.executescript(TABLES)
    base.close()
    plan = make_plan(load_profile("cmon_exch"), {})
    reached = next(child for child in plan.children if child.name == "reached")
    main = TableRead("dossier", "exch_hosomotcua", ("masohoso",), "id", "id", where=plan.main.where)
    child = TableRead("reached", "", ("HOSOTTHCCONGID",), reached.parent, reached.key, sql=reached.sql)
    source = SqlSource(f"sqlite:///{tmp_path / 'cu.sqlite'}")
    try:
        (page,) = source.sweep(ReadPlan(main, (child,), params=PARAMS))
        counts = source.count_all(plan.counts, PARAMS)
    finally:
        source.close()
    assert [record.key for record in page if record.children["reached"]] == ["1"]
    assert (counts["found"], counts["in_scope"]) == (4, 3)
