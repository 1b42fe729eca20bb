"""What the worker does for the record by itself."""

from procrastinate.contrib.django import app

from jianzai.audit.heads import export_head, heads_folder


@app.periodic(cron="15 0 * * *")
@app.task(queueing_lock="audit-head")
def export_daily_head(timestamp: int) -> None:
    """Leave the signed head of the chain in the home folder, once a day."""
    export_head(heads_folder())
