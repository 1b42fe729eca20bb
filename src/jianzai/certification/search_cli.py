"""``jianzai search``: whose face is it, and who stands in the register twice."""

from __future__ import annotations

import csv
import hashlib
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .command_line import Decides, staff_who_may, unusable

_SHOWN = 10


@click.command(cls=Decides)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--staff", "username", help="In whose name; the record keeps it. The demo finds one.")
@click.option("--duplicates", is_flag=True, help="No file: compare everybody with everybody; pairs as CSV.")
def search(file: Path | None, username: str | None, duplicates: bool) -> None:
    """Whose face is in FILE, a photo or a video? Candidates, the likest first, for a person to judge.

    Of people outside the area of the member of staff only their count is told. A ! marks a likeness that
    strangers hardly have among so many. Exits with 0 where one is marked, 1 where none is, 3 for input that
    cannot be used.
    """
    import django

    django.setup()
    from jianzai.faces import ModelMissing
    from jianzai.registry.access import Permission

    if (file is None) != duplicates:
        unusable("either a file or --duplicates / 请给出一个文件，或使用 --duplicates")
    staff = staff_who_may(Permission.REVIEW, username)
    try:
        found = _duplicates(staff) if duplicates else _candidates(file, staff)
    except ModelMissing as missing:
        unusable(str(missing))
    raise SystemExit(0 if found else 1)


def _candidates(file: Path, staff) -> bool:
    import numpy as np

    from jianzai.audit.services import Actor, record
    from jianzai.certification.engine import current_pack, engine
    from jianzai.certification.gallery import candidates
    from jianzai.faces import Unusable, read_video
    from jianzai.registry.access import may

    pack = current_pack()
    content = file.read_bytes()
    try:
        observations = engine(pack).observe(read_video(content))
    except Unusable as error:
        unusable(f"{file}: {error.reason}")
    embeddings = [frame.embedding for frame in observations.frames if frame.embedding is not None]
    if not embeddings:
        unusable(f"{file}: no usable face / 没有可用的人脸")
    found = candidates(pack, np.stack(embeddings), count=_SHOWN)
    inside = [one for one in found if may(staff, _review(), one.reference.person.area_id)]
    record(
        "lookalikes.searched",
        Actor.command_line(staff),
        area=staff.area_id,
        sha256=hashlib.sha256(content).hexdigest(),
        people=[str(one.reference.person.key) for one in inside],
        similarities=[one.similarity for one in inside],
    )
    table = Table(title=f"jianzai search ({pack})")
    for heading in ("", "个人编号 number", "姓名 name", "辖区 area", "相似值 similarity", "score"):
        table.add_column(heading)
    for one in inside:
        person = one.reference.person
        mark, score = "!" if one.noteworthy else "", f"{one.score:.2f}"
        row = (mark, person.personal_number, person.name, str(person.area), f"{one.similarity} / 100", score)
        table.add_row(*row)
    Console().print(table)
    _say_left_out(len(found) - len(inside))
    return any(one.noteworthy for one in inside)


def _duplicates(staff) -> bool:
    from jianzai.audit.services import Actor, record
    from jianzai.certification.engine import current_pack
    from jianzai.certification.gallery import duplicates
    from jianzai.registry.access import may

    pack = current_pack()
    record("lookalikes.register_searched", Actor.command_line(staff), area=staff.area_id, pack=pack)
    written, listed, left_out = csv.writer(sys.stdout), 0, 0
    written.writerow(["number", "name", "other_number", "other_name", "similarity", "score"])
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(pack, total=None)
        for done, everybody, pairs in duplicates(pack):
            progress.update(task, completed=done, total=everybody)
            for pair in pairs:
                one, other = pair.one.person, pair.other.person
                if not all(may(staff, _review(), person.area_id) for person in (one, other)):
                    left_out += 1
                    continue
                listed += 1
                row = [one.personal_number, one.name, other.personal_number, other.name, pair.similarity]
                written.writerow([*row, f"{pair.score:.2f}"])
    _say_left_out(left_out)
    return listed > 0


def _review():
    from jianzai.registry.access import Permission

    return Permission.REVIEW


def _say_left_out(number: int) -> None:
    if number:
        click.echo(f"+ {number}: outside your area / 不在您的辖区", err=True)
