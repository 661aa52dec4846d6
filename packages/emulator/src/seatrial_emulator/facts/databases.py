"""What RDS refuses that no model of its API says.

``STATIC``: RDS user guide, "Working with parameters on your RDS for PostgreSQL DB instance" and
"Parameters for MySQL" (apply type static). ``RESERVED``: RDS API reference, CreateDBInstance,
DBName and MasterUsername ("Can't be a word reserved by the specified database engine"); the words
are those of SQL that both engines reserve, and the administrators' names.
"""

from __future__ import annotations

from datetime import date

STATIC: dict[str, frozenset[str]] = {
    "postgres": frozenset(
        """
    autovacuum_freeze_max_age autovacuum_max_workers huge_pages max_connections
    max_locks_per_transaction max_pred_locks_per_transaction max_prepared_transactions
    max_replication_slots max_wal_senders max_worker_processes rds.logical_replication
    shared_buffers shared_preload_libraries track_activity_query_size wal_buffers
    """.split()  # noqa: SIM905
    ),
    "mysql": frozenset(
        """
    back_log ft_min_word_len gtid-mode innodb_buffer_pool_instances innodb_ft_min_token_size
    innodb_log_buffer_size innodb_log_file_size innodb_open_files innodb_purge_threads
    innodb_read_io_threads innodb_write_io_threads lower_case_table_names performance_schema
    skip_name_resolve table_open_cache_instances thread_stack
    """.split()  # noqa: SIM905
    ),
}
RESERVED = frozenset(
    """
    admin all and as asc between both case check column constraint create cross db default delete
    desc distinct else false fetch for foreign from grant group having in index inner insert int
    into is join key leading left like limit mysql natural not null on or order outer postgres
    primary rdsadmin references revoke right rows select set sql table then to trailing trigger true
    union unique update user using values when where window with
    """.split()  # noqa: SIM905
)
ENGINES = frozenset({"postgres", "mysql", "mariadb"})  # those that this product makes, and MariaDB
# CreateDBInstance, MasterUserPassword: lengths by engine; any printable ASCII but four.
PASSWORDS = {"postgres": (8, 128), "mysql": (8, 41), "mariadb": (8, 41)}
PASSWORD_REFUSED = frozenset("/'\"@ ")
LEAST_GP3 = 20  # GiB; RDS user guide, "Amazon RDS DB instance storage"
MOST_BACKUPS = 35  # days
# Ends of standard support ("Release calendars for Amazon RDS for PostgreSQL" and "for MySQL", read
# November 2026), and the word that turns Extended Support off (CreateDBInstance).
ENDS = {
    "postgres": {
        "11": date(2024, 2, 29),
        "12": date(2025, 2, 28),
        "13": date(2026, 2, 28),
        "14": date(2027, 2, 28),
        "15": date(2028, 2, 29),
        "16": date(2029, 2, 28),
        "17": date(2030, 2, 28),
        "18": date(2031, 2, 28),
    },
    "mysql": {
        "5.7": date(2024, 2, 29),
        "8.0": date(2026, 7, 31),
        "8.4": date(2029, 7, 31),
    },
}
NO_EXTENDED_SUPPORT = "open-source-rds-extended-support-disabled"
