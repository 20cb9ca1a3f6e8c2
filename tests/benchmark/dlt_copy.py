"""Run B: dlt copies the three tables (sql_database source, pyarrow backend) and does nothing else."""

from __future__ import annotations

import json
import sys

import dlt
from dlt.destinations import postgres
from dlt.sources.sql_database import sql_database

from tests.benchmark.copied import TABLES


def main() -> None:
    """Copy with dlt's own settings, but for the backend and the file format that the job names."""
    job = json.load(sys.stdin)
    pipeline = dlt.pipeline(
        "bench", pipelines_dir=job["folder"], destination=postgres(job["new_url"]), dataset_name="copied"
    )
    source = sql_database(job["old_url"], table_names=list(TABLES), backend="pyarrow")
    pipeline.run(source, loader_file_format=job["dlt_format"]).raise_on_failed_jobs()
    trace = pipeline.last_trace
    assert trace is not None
    took = {step.step: step.finished_at - step.started_at for step in trace.steps if step.finished_at}
    print(json.dumps({"steps": {name: span.total_seconds() for name, span in took.items()}}))


if __name__ == "__main__":
    main()
