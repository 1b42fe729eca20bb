"""Tables that are only ever added to: the database itself refuses everything else.

A migration of any app protects its table with

    operations = [append_only("certification_certification")]

and depends on ``("audit", "0002_chain")``, which makes the function the triggers call. The application's
role has no UPDATE, DELETE or TRUNCATE either; the triggers hold for the owner of the tables too.
"""

from django.db.migrations import RunSQL

REFUSE_FUNCTION = RunSQL(
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are evidence: they are added, never changed or deleted', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "DROP FUNCTION refuse_change()",
)


def append_only(table: str) -> RunSQL:
    """The migration operation after which rows of ``table`` can be added and read, nothing else."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER {table}_keeps_table BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """,
        f"DROP TRIGGER {table}_keeps_rows ON {table}; DROP TRIGGER {table}_keeps_table ON {table};",
    )
