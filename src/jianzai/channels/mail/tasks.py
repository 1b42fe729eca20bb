"""What the worker does for forms by post."""

from procrastinate.contrib.django import app

from . import services


@app.task
def read_sheet(sheet: int) -> None:
    """Read a scan that arrived."""
    services.read_sheet(sheet)


@app.task
def compare_face(sheet: int) -> None:
    """Compare the photograph on a paper, now that it is known whose it is."""
    services.compare_face(sheet)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="read-sheets")
def read_left_sheets(timestamp: int) -> None:
    """Carry on with what a process left in the middle."""
    services.read_left()


@app.periodic(cron="35 * * * *")
@app.task(queueing_lock="sheets")
def see_to_sheets(timestamp: int) -> None:
    """What waits goes on holding; what is over holds nothing any more."""
    services.hold_on()
    services.release_left()
