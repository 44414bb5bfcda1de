from datetime import timedelta

from bot.emulators.alibaba.credentials import MOST_SESSIONS, Credentials
from bot.emulators.alibaba.network_file import load_network
from tests.emulators.alibaba.client import NOON


def test_sessions_are_bounded_and_the_oldest_is_forgotten() -> None:
    network = load_network()
    account = network.accounts[0]
    made = iter(range(10 * MOST_SESSIONS))
    credentials = Credentials(network, lambda count: next(made).to_bytes(count, "big"))
    role, end = account.roles[0], NOON + timedelta(hours=1)

    handed_out = [credentials.hand_out(account, role, "name", None, end) for _ in range(MOST_SESSIONS + 1)]

    assert credentials.find(handed_out[0].access_key_id) is None
    assert credentials.find(handed_out[1].access_key_id) == handed_out[1]
    assert credentials.find("LTAIemulatorBase") is not None


def test_a_credential_shows_no_secret() -> None:
    network = load_network()
    held = Credentials(network, bytes).find("LTAIemulatorBase")

    assert "emulator-base-secret" not in repr(held)
    assert "emulator-base-secret" not in repr(network)
    assert "emulated-pre-shared-key" not in repr(network)
