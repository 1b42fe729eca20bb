"""What the worker does for other offices' records."""

from procrastinate.contrib.django import app

from .services import carry_out, finish_files, settle_left


@app.task
def carry_out_file(file: str) -> None:
    """Read a file that was brought, or take one over, and see to everybody it is about."""
    carry_out(file)
    settle_left()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish-sign-files")
def finish_left_files(timestamp: int) -> None:
    """Carry on with what a process left in the middle."""
    finish_files()
    settle_left()
