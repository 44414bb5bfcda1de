"""Which host is called, by the SDK's rules."""

import pytest

from bot.alibaba import endpoints as endpoints_module
from bot.alibaba.endpoints import Endpoints, Product
from bot.model.ids import RegionId
from bot.model.problem import Problem


@pytest.mark.parametrize(
    ("product", "region", "url"),
    [
        (Product.VPC, "cn-hangzhou", "https://vpc.aliyuncs.com/"),
        (Product.VPC, "cn-shanghai-finance-1", "https://vpc.aliyuncs.com/"),
        (Product.VPC, "cn-qingdao", "https://vpc.cn-qingdao.aliyuncs.com/"),
        (Product.VPC, "eu-central-1", "https://vpc.eu-central-1.aliyuncs.com/"),
        (Product.VPC, None, "https://vpc.aliyuncs.com/"),
        (Product.STS, None, "https://sts.aliyuncs.com/"),
        (Product.STS, "cn-hangzhou", "https://sts.cn-hangzhou.aliyuncs.com/"),
        (Product.STS, "ap-south-1", "https://sts.aliyuncs.com/"),
        (Product.RAM, "cn-qingdao", "https://ram.aliyuncs.com/"),
    ],
)
def test_a_product_has_the_sdks_address(product: Product, region: str | None, url: str) -> None:
    assert Endpoints().url(product, RegionId(region) if region else None) == url


@pytest.mark.parametrize(
    ("product", "region", "url"),
    [
        (Product.VPC, "cn-qingdao", "https://vpc-vpc.cn-qingdao.aliyuncs.com/"),
        (Product.VPC, "cn-hangzhou", "https://vpc-vpc.cn-hangzhou.aliyuncs.com/"),
        (Product.STS, None, "https://sts-vpc.cn-hangzhou.aliyuncs.com/"),
        (Product.RAM, None, "https://ram.aliyuncs.com/"),
    ],
)
def test_inside_a_vpc_addresses_are_internal_where_there_are_any(
    product: Product, region: str | None, url: str
) -> None:
    endpoints = Endpoints(inside_vpc=RegionId("cn-hangzhou"))

    assert endpoints.url(product, RegionId(region) if region else None) == url


def test_every_region_with_a_central_address_has_the_form_of_one() -> None:
    regions = frozenset[str]().union(*endpoints_module._CENTRAL.values())

    assert {RegionId(region) for region in regions} == regions


def test_a_base_url_counts_inside_a_vpc_too() -> None:
    endpoints = Endpoints("http://127.0.0.1:8080", RegionId("cn-hangzhou"))

    assert endpoints.url(Product.VPC, RegionId("cn-qingdao")) == "http://127.0.0.1:8080/"


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"])
def test_one_base_url_serves_every_product_and_region(base_url: str) -> None:
    endpoints = Endpoints(base_url)

    assert {endpoints.url(product, RegionId("cn-qingdao")) for product in Product} == {"http://127.0.0.1:8080/"}


def test_a_base_url_may_have_a_path() -> None:
    assert Endpoints("https://proxy.example/alibaba/").url(Product.VPC) == "https://proxy.example/alibaba/"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "127.0.0.1:8080",
        "ftp://host",
        "http://",
        "http://u:hunter2@host",
        "http://h?x=1",
        "http://h#x",
        "http://[::",
    ],
)
def test_what_is_no_base_url_is_refused_without_being_quoted(base_url: str) -> None:
    with pytest.raises(Problem) as caught:
        Endpoints(base_url)

    assert caught.value.code == "settings.invalid"
    assert "hunter2" not in str(caught.value.facts)
