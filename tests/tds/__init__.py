"""A small TDS endpoint on loopback: Microsoft's ODBC driver and FreeTDS talk to it as they would to SQL Server.

Drivers, log-in, TLS, wire types, batches, parameters and errors are real; the SQL behind them is DuckDB's, reached
through sqlglot's T-SQL. So it proves how we talk, and nothing of what T-SQL itself does: collations, locks, rounding.
Wire format: Microsoft's open specification MS-TDS, version 7.4.
"""
