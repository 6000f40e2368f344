"""Every address that the platform answers, tried by one person with the ids there are."""

from __future__ import annotations

from collections.abc import Iterator

from calllist.web import assets
from tests.platform import Keyboard
from tests.promises.test_1_no_bulk_read import ENDS_SESSIONS, MATRIX
from tests.redteam.raid import Raid, Step
from tests.redteam.scene import Scene

CHANGES = "none"  # unsafe verbs are aimed beside the mark: the scene shall outlive the thief


def addresses(scene: Scene, lease: str = CHANGES) -> Iterator[tuple[str, str]]:
    """Method and path of every route: reads with the ids of this world, own and foreign."""
    for route in MATRIX:
        if route in ENDS_SESSIONS:
            continue
        method, pattern = route.replace(":path", "").split(" ")
        for list_id in (scene.list_id, scene.foreign):
            ids = {
                "job_id": scene.job,
                "list_id": list_id,
                "holding_id": list_id,
                "lease_id": lease,
                "person_id": scene.members[1].person,
                "certificate_id": f"{scene.centre.cast.entrustor}-000001",
                "edition": assets.EDITION,
                "name": "app.css",
                "_verb": "match",
            }
            if method != "GET":
                ids = dict.fromkeys(ids, CHANGES)
            yield method, pattern.format_map(_Any(ids))
            if "{" not in pattern or method != "GET":
                break


class _Any(dict[str, str]):
    """Ids of routes that came later."""

    def __missing__(self, key: str) -> str:
        return CHANGES


async def everywhere(raid: Raid, step: Step, seat: Keyboard, lease: str = CHANGES) -> None:
    """Ask for everything as this person; every answer is searched."""
    for method, path in addresses(raid.scene, lease):
        form = {"data": {"csrf": "x"}} if method == "POST" else {}
        await raid.ask(step, seat, method, path, **form)
