"""So many shifts of so many steps, in an order that nobody has chosen.

hall = await play(centre, examples=8, steps=50, fixed=True)
"""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from crypto.signed.terms import Conduct
from tests.calllist.centre import Centre
from tests.calllist.dialing.hall import MANY, OPERATORS, Hall
from tests.calllist.dialing.model import Shift


async def play(centre: Centre, *, examples: int, steps: int, fixed: bool, season: int = 0) -> Hall:
    """So many jobs of so many steps. fixed: the same ones each time. season: the operators' own."""
    caps = ("hour", "day", "30_days", "job", "list", "entrustor_day")
    await centre.sign_contract(
        inbound=True,
        expires=centre.now(timedelta(days=120)),
        conduct=Conduct(duplicates="person"),
        **{f"people_per_{cap}": MANY for cap in caps},
    )
    people = [await centre.operator(f"op{season}x{n}") for n in range(OPERATORS)]
    hall = Hall(centre, asyncio.get_running_loop(), people, season=season)
    machine = type("AnyShift", (Shift,), {"hall": hall})
    await asyncio.to_thread(
        run_state_machine_as_test,
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=fixed,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return hall
