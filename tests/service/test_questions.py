"""Forecasts that clients ask for: a few at a time, and none for somebody who has gone."""

from pathlib import Path

import pytest

from fakes.broker import FakeBroker
from fakes.engine import EngineHome, RawClient
from fakes.jobs import assert_engine_is_well
from impasto.service.questions import MOST_QUESTIONS
from impasto_wire.messages import AskForecast, Cancel, Cancelled, Failed, Forecasted, Ping
from impasto_wire.settings import Settings


@pytest.fixture
def broker(tmp_path: Path) -> FakeBroker:
    made = FakeBroker(tmp_path)
    made.connect("ann", "ann/2", "bob")
    return made


def ask(broker: FakeBroker, client: str, number: int) -> str:
    name = f"{number:032x}"
    broker.receive(client, AskForecast(name, 640, 480, Settings()))
    return name


def asked(broker: FakeBroker) -> list[AskForecast]:
    """What the worker was asked."""
    return [message for message in broker.worker.sent if isinstance(message, AskForecast)]


def answer(broker: FakeBroker) -> None:
    """The worker answers what it was asked last."""
    broker.says(Forecasted(asked(broker)[-1].job, 2.0, 3, "in one piece"))
    broker.turn()


def answers(broker: FakeBroker, client: str) -> list[str]:
    return [message.job for message in broker.told(client) if isinstance(message, Forecasted)]


def test_a_worker_is_asked_one_question_at_a_time(broker: FakeBroker) -> None:
    names = [ask(broker, "ann", number) for number in range(3)]
    for count in (1, 2, 3):
        broker.turn()
        assert len(asked(broker)) == count
        assert not {message.job for message in asked(broker)} & set(names), "its name inside the engine is another"
        answer(broker)
    assert answers(broker, "ann") == names


def test_one_client_has_a_few_questions_in_all_its_sessions(broker: FakeBroker) -> None:
    for number in range(MOST_QUESTIONS):
        ask(broker, ("ann", "ann/2")[number % 2], number)
    refused = ask(broker, "ann/2", 99)
    (failed,) = [message for message in broker.told("ann/2") if isinstance(message, Failed)]
    assert (failed.job, failed.code) == (refused, "wire")
    assert "wait for one or cancel it" in failed.message
    name = ask(broker, "bob", 7)
    for _ in range(MOST_QUESTIONS + 1):
        broker.turn()
        answer(broker)
    assert answers(broker, "bob") == [name]
    ask(broker, "ann", 100)
    broker.turn()
    answer(broker)
    assert len(answers(broker, "ann")) == MOST_QUESTIONS // 2 + 1


@pytest.mark.parametrize("is_asked_already", [True, False])
def test_a_question_can_be_cancelled(broker: FakeBroker, is_asked_already: bool) -> None:
    first, second = ask(broker, "ann", 1), ask(broker, "ann", 2)
    broker.turn()
    dropped, kept = (first, second) if is_asked_already else (second, first)
    broker.receive("ann", Cancel(dropped))
    assert broker.told("ann")[-1] == Cancelled(dropped)
    for _ in range(2):
        answer(broker)
    assert answers(broker, "ann") == [kept]
    broker.receive("bob", Cancel(first))
    assert not any(isinstance(message, Cancelled) for message in broker.told("bob")), "it isn't bob's"


def test_questions_die_with_their_asker(broker: FakeBroker) -> None:
    for number in range(5):
        ask(broker, "ann", number)
    name = ask(broker, "bob", 9)
    broker.turn()
    for _ in range(30):
        broker.receive("bob", Ping(1))
        broker.turn(0.25)
    answer(broker)
    broker.turn()
    assert len(asked(broker)) == 2, "ann's first one, and bob's"
    answer(broker)
    assert answers(broker, "bob") == [name]


def test_a_worker_that_dies_fails_its_question_and_the_others_wait_for_the_next_one(broker: FakeBroker) -> None:
    first, second = ask(broker, "ann", 1), ask(broker, "bob", 2)
    broker.turn()
    broker.dies()
    assert [message.job for message in broker.told("ann") if isinstance(message, Failed)] == [first]
    answer(broker)
    assert answers(broker, "bob") == [second]


def test_without_a_worker_it_is_told_at_once(broker: FakeBroker) -> None:
    broker.worker.kill()
    name = ask(broker, "ann", 1)
    broker.turn()
    (failed,) = [message for message in broker.told("ann") if isinstance(message, Failed)]
    assert (failed.job, failed.code) == (name, "worker")


def test_a_question_is_cancelled_in_the_real_engine(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        home.warm_worker().suspend()
        client.send(AskForecast("1" * 32, 10**9, 1, Settings()))
        client.send(Cancel("1" * 32))
        assert client.expect(Cancelled).job == "1" * 32
        home.worker().resume()
        client.send(AskForecast("2" * 32, 10**9, 1, Settings()))
        assert client.expect(Forecasted).job == "2" * 32
    assert_engine_is_well(home)
