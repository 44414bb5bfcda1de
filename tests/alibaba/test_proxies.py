"""Which way leads to a host."""

import traceback

import pytest
from yarl import URL

from bot.alibaba.proxies import Proxies
from bot.model.problem import Problem


def test_without_proxies_the_way_is_direct() -> None:
    assert Proxies({}).leading_to("https", "vpc.aliyuncs.com") is None


def test_a_proxy_is_chosen_by_scheme_and_else_the_one_for_all() -> None:
    proxies = Proxies({"https": "http://secure.example:3128", "all": "any.example:8080", "no": "x"})

    assert proxies.leading_to("https", "vpc.aliyuncs.com") == URL("http://secure.example:3128")
    assert proxies.leading_to("http", "vpc.aliyuncs.com") == URL("http://any.example:8080")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "100.100.100.200"])
def test_this_machine_is_reached_directly(host: str) -> None:
    assert Proxies({"http": "http://proxy.example"}).leading_to("http", host) is None


def test_the_environment_names_proxies_and_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "internal.example,.aliyun.example")

    proxies = Proxies()

    assert proxies.leading_to("https", "vpc.aliyuncs.com") == URL("http://proxy.example:3128")
    assert proxies.leading_to("https", "internal.example") is None
    assert proxies.leading_to("https", "vpc.aliyun.example") is None


def test_a_password_may_be_encoded_and_have_letters_of_latin_1() -> None:
    proxy = Proxies({"https": "http://bot:h%C3%BCnter%3A2@proxy.example:3128"}).leading_to("https", "x.example")

    assert proxy is not None
    assert (proxy.user, proxy.password) == ("bot", "h\u00fcnter:2")


@pytest.mark.parametrize(
    "text",
    [
        "socks5://user:hunter2@proxy.example",
        "http://",
        "http://user:hunter2@proxy.example:99999",
        "http://user:hunter2@proxy.example:port",
        "http://user:hunter2/3@proxy.example:3128",
        "http://user:hunter2\u5317@proxy.example:3128",
        "http://user:hunter2%E5%8C%97@proxy.example:3128",
        "http://user:hunter2\udce9@proxy.example:3128",
        "http://us%3Aer:hunter2@proxy.example:3128",
        "http://user:hunter2@[::1",
    ],
    ids=ascii,
)
def test_a_proxy_of_another_kind_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(Problem, match=r"settings\.invalid") as caught:
        Proxies({"all": text})

    assert caught.value.facts["name"] == "ALL_PROXY"
    assert "hunter2" not in "".join(traceback.format_exception(caught.value)) + str(caught.value.facts)
