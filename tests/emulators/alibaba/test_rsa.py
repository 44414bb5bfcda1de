import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.emulators.alibaba import load_network
from bot.emulators.alibaba.rsa import RsaKey, _integer

MESSAGE = b"header.claims"


def the_example() -> RsaKey:
    return load_network().accounts[0].oidc_providers[0].keys[0]


def test_what_it_signs_another_implementation_verifies() -> None:
    key = the_example()
    other = rsa.RSAPublicNumbers(_integer(key.e), _integer(key.n)).public_key()

    other.verify(key.sign(MESSAGE), MESSAGE, padding.PKCS1v15(), hashes.SHA256())


def test_a_signature_is_of_one_message_and_one_key() -> None:
    key = the_example()
    signature = key.sign(MESSAGE)

    assert key.verifies(MESSAGE, signature)
    assert not key.verifies(MESSAGE + b"!", signature)
    assert not key.verifies(MESSAGE, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not key.verifies(MESSAGE, b"")
    assert not key.verifies(MESSAGE, b"\xff" * len(signature))


def test_without_the_private_half_nothing_is_signed() -> None:
    with pytest.raises(ValueError, match="not known"):
        the_example().changed(d=None).sign(MESSAGE)
