"""Words of the engines: those that RDS refuses as a name, and parameters that need no restart.

Sources: RDS user guide, "Settings for DB instances"; PostgreSQL documentation, appendix C
(reserved); MySQL 8.4 reference manual, "Keywords and Reserved Words" (marked R).
"""

from __future__ import annotations

RESERVED: dict[str, frozenset[str]] = {
    "postgres": frozenset(
        """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast
    catalog check collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time current_timestamp
    current_user db default deferrable desc distinct do else end except false fetch flag for
    foreign freeze from full grant group having identity ilike in initially inner intersect
    into is isnull join lateral leading left like limit localtime localtimestamp mysql
    natural not notnull null offset on only or order outer overlaps placing postgres primary
    rdsadmin references returning right select session_user similar some symmetric
    system_user table tablesample template0 template1 then to trailing true union unique
    user using variadic verbose when where window with
    """.split()  # noqa: SIM905
    ),
    "mysql": frozenset(
        """
    accessible add all alter analyze and as asc asensitive before between bigint binary blob
    both by call cascade case catalog change char character check collate column condition
    constraint continue convert create cross cube cume_dist current_date current_time
    current_timestamp current_user cursor database databases day_hour day_microsecond
    day_minute day_second db dec decimal declare default delayed delete dense_rank desc
    describe deterministic distinct distinctrow div double drop dual each else elseif empty
    enclosed escaped except exists exit explain false fetch first_value flag float float4
    float8 for force foreign from fulltext function generated get grant group grouping
    groups having high_priority hour_microsecond hour_minute hour_second identity if ignore
    in index infile information_schema inner innodb inout insensitive insert int int1 int2
    int3 int4 int8 integer intersect interval into io_after_gtids io_before_gtids is iterate
    join json_table key keys kill lag last_value lateral lead leading leave left like limit
    linear lines load localtime localtimestamp lock long longblob longtext loop low_priority
    master_bind master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext
    middleint minute_microsecond minute_second mod modifies mysql natural no_write_to_binlog
    not nth_value ntile null numeric of on optimize optimizer_costs option optionally or
    order out outer outfile over parallel partition percent_rank performance_schema
    precision primary procedure purge qualify range rank rdsadmin read read_write reads real
    recursive references regexp release rename repeat replace require resignal restrict
    return revoke right rlike row row_number rows schema schemas second_microsecond select
    sensitive separator set show signal smallint spatial specific sql sql_big_result
    sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting
    stored straight_join sys system table tablesample terminated then tinyblob tinyint
    tinytext tmp to trailing trigger true undo union unique unlock unsigned update usage use
    using utc_date utc_time utc_timestamp values varbinary varchar varcharacter varying
    virtual when where while window with write xor year_month zerofill
    """.split()  # noqa: SIM905
    ),
}

# Parameters that RDS changes at once, of those that people change (RDS user guide, "Working with
# DB parameters": apply type dynamic). Every other one waits for a restart: RDS refuses to change a
# static one at once, a new instance starts with all of them, and one that repeats RDS's own value
# is never shown as changed at once, so that each plan would change it again (provider's
# documentation of aws_db_parameter_group, "Problematic Plan Changes").
DYNAMIC: dict[str, frozenset[str]] = {
    "postgres": frozenset(
        """
    autovacuum_analyze_scale_factor autovacuum_naptime autovacuum_vacuum_scale_factor
    checkpoint_completion_target deadlock_timeout default_statistics_target effective_cache_size
    idle_in_transaction_session_timeout lock_timeout log_connections log_disconnections
    log_lock_waits log_min_duration_statement log_statement log_temp_files maintenance_work_mem
    max_wal_size random_page_cost statement_timeout temp_buffers timezone work_mem
    """.split()  # noqa: SIM905
    ),
    "mysql": frozenset(
        """
    character_set_server collation_server event_scheduler general_log group_concat_max_len
    innodb_lock_wait_timeout innodb_print_all_deadlocks interactive_timeout log_output
    log_queries_not_using_indexes long_query_time max_allowed_packet net_read_timeout
    net_write_timeout slow_query_log sort_buffer_size sql_mode time_zone tmp_table_size
    wait_timeout
    """.split()  # noqa: SIM905
    ),
}
