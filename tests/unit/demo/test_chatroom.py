import numpy as np

from demo.chatroom import SLOTS


def test_no_agent_holds_more_chats_than_slots(small) -> None:
    chats = small.world.chats
    rows = np.flatnonzero(chats.connected >= 0)
    for agent in np.unique(chats.agent[rows]):
        mine = rows[chats.agent[rows] == agent]
        moments = np.concatenate([chats.connected[mine], chats.ended[mine]])
        change = np.concatenate([np.ones(len(mine)), -np.ones(len(mine))])
        order = np.lexsort((change, moments))
        assert change[order].cumsum().max() <= SLOTS


def test_every_chat_ends_once_and_transfers_are_linked_both_ways(small) -> None:
    chats = small.world.chats
    assert (chats.ended >= chats.entered).all()
    assert ((chats.outcome >= 1) & (chats.outcome <= 4)).all()
    handed_on = np.flatnonzero(chats.following >= 0)
    assert len(handed_on) > 0
    assert (chats.previous[chats.following[handed_on]] == handed_on).all()
    assert (chats.queue[chats.following[handed_on]] != chats.queue[handed_on]).all()


def test_several_chats_at_once_take_longer_each(small) -> None:
    chats = small.world.chats
    rows = np.flatnonzero(chats.connected >= 0)
    alone, busy = [], []
    for agent in np.unique(chats.agent[rows]):
        mine = rows[chats.agent[rows] == agent]
        begin, end = chats.connected[mine], chats.ended[mine]
        overlap = (begin[None, :] < end[:, None]) & (end[None, :] > begin[:, None])
        others = overlap.sum(axis=1) - 1
        alone.extend((end - begin)[others == 0])
        busy.extend((end - begin)[others >= 2])
    assert np.mean(busy) > 1.2 * np.mean(alone)
