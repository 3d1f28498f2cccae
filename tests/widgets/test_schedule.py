"""Latest wins, with time turned by hand."""

from __future__ import annotations

import threading

import pytest

from lyaplab.widgets._schedule import BUDGET, FRAME, LONGEST_PAUSE, REST, LatestWins


class Clock:
    """A clock and its timers; nothing happens unless a test turns it."""

    def __init__(self):
        self.time = 0.0
        self.timers = []

    def now(self):
        return self.time

    def later(self, delay, action):
        timer = _Timer(self.time + delay, action)
        self.timers.append(timer)
        return timer

    def turn(self, seconds):
        end = self.time + seconds
        while due := [timer for timer in self.timers if timer.action and timer.due <= end + 1e-12]:
            timer = min(due, key=lambda timer: timer.due)
            self.time = max(self.time, timer.due)
            action, timer.action = timer.action, None
            action()
        self.time = max(self.time, end)


class _Timer:
    def __init__(self, due, action):
        self.due, self.action = due, action

    def cancel(self):
        self.action = None


class Picture:
    """Draws take `cost` seconds of the clock when full, a tenth when coarse."""

    def __init__(self, clock, *, cost=0.001):
        self.clock, self.cost, self.value, self.drawn = clock, cost, None, []

    def draw(self, coarse):
        self.clock.time += self.cost / 10 if coarse else self.cost
        self.drawn.append((self.value, "coarse" if coarse else "full"))


def schedule_of(clock, picture):
    return LatestWins(picture.draw, now=clock.now, later=clock.later)


def test_a_single_value_is_drawn_at_once_and_in_full():
    clock = Clock()
    picture = Picture(clock)
    schedule = schedule_of(clock, picture)
    picture.value = 1
    schedule.request()
    assert picture.drawn == [(1, "full")]
    clock.turn(10.0)
    assert len(picture.drawn) == 1
    assert not clock.timers


def test_of_a_stream_only_the_newest_is_drawn_each_frame():
    clock = Clock()
    picture = Picture(clock)
    schedule = schedule_of(clock, picture)
    for value in range(1000):  # a thousand values in one second
        picture.value = value
        schedule.request()
        clock.turn(0.001)
    clock.turn(1.0)
    assert len(picture.drawn) <= 1 / FRAME + 2
    assert picture.drawn[-1] == (999, "full")
    values = [value for value, _ in picture.drawn]
    assert values == sorted(set(values))


def test_a_slow_picture_is_coarse_while_values_come_and_full_at_rest():
    clock = Clock()
    picture = Picture(clock, cost=4 * BUDGET)
    schedule = schedule_of(clock, picture)
    schedule.request()  # nobody knows yet that it is slow
    clock.turn(1.0)
    picture.drawn.clear()
    for value in range(50):
        picture.value = value
        schedule.request()
        clock.turn(0.01)
    assert {kind for _, kind in picture.drawn} == {"coarse"}
    clock.turn(2 * REST)
    assert picture.drawn[-1] == (49, "full")
    count = len(picture.drawn)
    clock.turn(5.0)
    assert len(picture.drawn) == count


def test_a_picture_that_was_slow_once_recovers():
    clock = Clock()
    picture = Picture(clock, cost=2.0)  # compiling
    schedule = schedule_of(clock, picture)
    schedule.request()
    picture.cost = 0.001
    clock.turn(5.0)
    schedule.request()
    clock.turn(1.0)
    picture.drawn.clear()
    schedule.request()
    assert [kind for _, kind in picture.drawn] == ["full"]


def test_after_a_picture_that_had_to_compile_nobody_waits_as_long_again():
    clock = Clock()
    picture = Picture(clock, cost=13.0)
    schedule = schedule_of(clock, picture)
    schedule.request()
    picture.cost, picture.value = 0.001, "after"
    schedule.request()
    clock.turn(LONGEST_PAUSE)
    assert picture.drawn[1:] == [("after", "full")]


def test_flush_draws_what_is_pending_and_nothing_else():
    clock = Clock()
    picture = Picture(clock)
    schedule = schedule_of(clock, picture)
    schedule.flush()
    assert picture.drawn == []
    schedule.request()
    picture.value = 2
    schedule.request()
    assert schedule.pending
    schedule.flush()
    assert picture.drawn[-1] == (2, "full")
    assert not schedule.pending
    clock.turn(1.0)
    assert len(picture.drawn) == 2


def test_a_picture_that_raises_is_raised_and_the_next_one_drawn():
    clock = Clock()
    answers = [ValueError("no"), None]
    drawn = []

    def draw(coarse):
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        drawn.append(coarse)

    schedule = LatestWins(draw, now=clock.now, later=clock.later)
    with pytest.raises(ValueError, match="no"):
        schedule.request()
    clock.turn(1.0)
    schedule.request()
    assert drawn == [False]


def test_a_value_that_comes_while_drawing_is_drawn_next():
    clock = Clock()
    drawn = []

    def draw(coarse):
        drawn.append(len(drawn))
        if len(drawn) == 1:
            schedule.request()

    schedule = LatestWins(draw, now=clock.now, later=clock.later)
    schedule.request()
    assert drawn == [0]
    clock.turn(1.0)
    assert drawn == [0, 1]


def test_nothing_is_drawn_after_close():
    clock = Clock()
    picture = Picture(clock)
    schedule = schedule_of(clock, picture)
    schedule.request()
    schedule.request()
    schedule.close()
    schedule.request()
    schedule.flush()
    clock.turn(1.0)
    assert len(picture.drawn) == 1


def test_a_request_does_not_wait_for_whoever_holds_the_lock():
    lock = threading.RLock()
    drawn = threading.Event()
    schedule = LatestWins(lambda coarse: drawn.set(), lock=lock)
    with lock:
        asker = threading.Thread(target=schedule.request)
        asker.start()
        asker.join(60)
        assert not asker.is_alive()
        assert not drawn.is_set()
    assert drawn.wait(60)  # the timer's thread draws once the lock is free
    schedule.close()


def test_real_timers_draw_the_last_value_and_leave_no_thread():
    before = set(threading.enumerate())
    values, value = [], 0
    rested = threading.Event()

    def draw(coarse):
        values.append(value)
        if value == 99:
            rested.set()

    schedule = LatestWins(draw)
    for value in range(100):  # noqa: B007  (draw reads it)
        schedule.request()
    assert rested.wait(60)
    schedule.close()
    assert values[-1] == 99
    assert set(threading.enumerate()) <= before
