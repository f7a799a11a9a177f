"""A project that has shipped for years: its newest release is still the newest."""

from datetime import timedelta

import pytest

from aiworker.core.ids import new_id
from aiworker.delivery.groups import queries
from aiworker.delivery.groups.errors import OutOfOrder
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import Group, GroupStatus
from tests.support.workshop import ADA, Workshop, commit

MANY = 1_200


async def test_after_many_releases_only_the_newest_goes_back(shop: Workshop) -> None:
    project = await shop.project()
    task = await shop.approved(project)

    def years(tx: Tx) -> None:
        for number in range(1, MANY + 1):
            release(tx, number)

    def release(tx: Tx, number: int) -> None:
        group_id = new_id()
        arrived = tx.now + timedelta(minutes=number)
        values = {
            "id": group_id,
            "project_id": project.id,
            "number": number,
            "task_ids": [task.id],
            "status": GroupStatus.PRODUCTION,
            "creator": "ada",
            "conflict_files": [],
            "staging_deployed_at": arrived,
            "production_deployed_at": arrived,
            "production_rollback_available": number == MANY,
        }
        member = {"group_id": group_id, "task_id": task.id, "place": 0, "approved_commit": commit(1)}
        queries.add(tx, values, [member])

    await shop.write(years)

    def shown(tx: Tx, number: int) -> Group:
        return shop.delivery.group_views.one(tx, shop.delivery.groups.get(tx, str(number), project.id))

    assert (await shop.read(shown, MANY)).can_rollback is True
    assert (await shop.read(shown, MANY - 1)).can_rollback is False

    def roll_back(tx: Tx, number: int) -> None:
        shop.delivery.groups.rollback(tx, ADA, shop.delivery.groups.get(tx, str(number), project.id))

    with pytest.raises(OutOfOrder, match=f"Release {MANY} came to production after release 500"):
        await shop.write(roll_back, 500)
    await shop.write(roll_back, MANY)
