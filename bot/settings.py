"""The only reader of the environment: every setting with its unit, default and meaning."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from bot.model.ids import RegionId
from bot.model.problem import Problem
from bot.slack.console import Site

PREFIX = "VPN_DIAGNOSE_"
SLACK_API = "https://slack.com/api/"


def _base_url(text: str) -> str:
    message = "an address that begins with https:// (or http:// on your own network)"
    if not text.startswith(("https://", "http://")):
        raise ValueError(message)
    try:
        parts = urlsplit(text)
        known = parts.port != 0 and _host(parts.hostname or "")
    except ValueError:
        raise ValueError(message) from None
    if not known:
        raise ValueError(message)
    return text


def _host(text: str) -> str:
    try:
        text.encode("idna")  # as it is done when it is looked up, where the error would be nobody's
    except UnicodeError:
        message = "a name or an address of a machine"
        raise ValueError(message) from None
    return text


def _region(text: str) -> RegionId:
    try:
        return RegionId(text)
    except ValueError as error:
        message = "the ID of a region, for example cn-hangzhou"
        raise ValueError(message) from error


Host = Annotated[str, AfterValidator(_host)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Region = Annotated[RegionId, BeforeValidator(_region)]

# How pydantic begins its sentences, which are shown behind "what is expected".
_LEAD_IN = re.compile(r"^(Value error, |Input should be )")


class Settings(BaseModel):
    """What the environment says; the alias of a field is the variable's name."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    slack_bot_token: SecretStr | None = Field(
        None,
        alias="SLACK_BOT_TOKEN",
        description="The bot's token, xoxb-…, from Slack's page “OAuth & Permissions”.",
    )
    slack_app_token: SecretStr | None = Field(
        None,
        alias="SLACK_APP_TOKEN",
        description="An app-level token, xapp-…, with connections:write. If it is set, Slack is reached through"
        " Socket Mode and needs no public address.",
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        alias="SLACK_SIGNING_SECRET",
        description="The signing secret from Slack's page “Basic Information”. Needed without SLACK_APP_TOKEN.",
    )
    slack_api_url: BaseUrl = Field(
        SLACK_API,
        alias="SLACK_API_URL",
        description="The base address of Slack's Web API: the emulator, or a proxy.",
    )
    access_key_id: str | None = Field(
        None,
        alias="ALIBABA_CLOUD_ACCESS_KEY_ID",
        description="The bot's own RAM user, which may only assume the roles named in access.yml.",
    )
    access_key_secret: SecretStr | None = Field(
        None, alias="ALIBABA_CLOUD_ACCESS_KEY_SECRET", description="The secret of that access key."
    )
    security_token: SecretStr | None = Field(
        None,
        alias="ALIBABA_CLOUD_SECURITY_TOKEN",
        description="The STS token, if that access key is a temporary one.",
    )
    role_arn: str | None = Field(
        None,
        alias="ALIBABA_CLOUD_ROLE_ARN",
        description="With OIDC (RRSA on ACK): the role that the bot itself runs as.",
    )
    oidc_provider_arn: str | None = Field(
        None, alias="ALIBABA_CLOUD_OIDC_PROVIDER_ARN", description="With OIDC: the identity provider in RAM."
    )
    oidc_token_file: Path | None = Field(
        None,
        alias="ALIBABA_CLOUD_OIDC_TOKEN_FILE",
        description="With OIDC: the file with the token; it is read anew for every session, since it rotates.",
    )
    ecs_metadata: str | None = Field(
        None,
        alias="ALIBABA_CLOUD_ECS_METADATA",
        description="On ECS: the name of the instance's RAM role, whose keys the metadata service gives out.",
    )
    ecs_metadata_url: BaseUrl = Field(
        "http://100.100.100.200",
        alias="VPN_DIAGNOSE_ECS_METADATA_URL",
        description="The base address of that metadata service: the emulator.",
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///vpn-diagnose.db"),
        alias="VPN_DIAGNOSE_DATABASE_URL",
        description="Where runs are kept: sqlite:///FILE (four slashes before an absolute path) for one bot,"
        " postgresql://USER:PASSWORD@HOST/DATABASE for any number of them.",
    )
    access_file: Path = Field(
        Path("access.yml"),
        alias="VPN_DIAGNOSE_ACCESS_FILE",
        description="Who may diagnose, and as which RAM identity.",
    )
    alibaba_endpoint: BaseUrl | None = Field(
        None,
        alias="VPN_DIAGNOSE_ALIBABA_ENDPOINT",
        description="One base address for all cloud products: the emulator, or a proxy.",
    )
    inside_vpc: Region | None = Field(
        None,
        alias="VPN_DIAGNOSE_INSIDE_VPC",
        description="The region of the VPC that the bot runs in, if it is to use the cloud's addresses inside VPCs"
        " instead of those on the internet, for example cn-hangzhou.",
    )
    host: Host = Field(
        "127.0.0.1", alias="VPN_DIAGNOSE_HOST", description="The address that the HTTP door listens on."
    )
    port: int = Field(
        3000, alias="VPN_DIAGNOSE_PORT", ge=0, le=65535, description="Its port; 0 takes any free one."
    )
    language: Literal["en", "zh"] = Field(
        "en", alias="VPN_DIAGNOSE_LANGUAGE", description="The language of what the bot says: en or zh."
    )
    default_region: Region | None = Field(
        None,
        alias="VPN_DIAGNOSE_DEFAULT_REGION",
        description="The region where none is typed, for example cn-hangzhou.",
    )
    console: Site | None = Field(
        None,
        alias="VPN_DIAGNOSE_CONSOLE",
        description="The site that the accounts were opened on, for links to its console: china (aliyun.com) or"
        " international (alibabacloud.com). Without it the region decides.",
    )
    poll_every_s: float = Field(
        3,
        alias="VPN_DIAGNOSE_POLL_EVERY_S",
        ge=0.1,
        le=60,
        description="Seconds between two looks at a diagnosis.",
    )
    give_up_after_s: float = Field(
        300,
        alias="VPN_DIAGNOSE_GIVE_UP_AFTER_S",
        ge=1,
        le=3600,
        description="Seconds after which an unfinished diagnosis is reported with what there is.",
    )
    lease_s: float = Field(
        60,
        alias="VPN_DIAGNOSE_LEASE_S",
        ge=2,
        le=3600,
        description="Seconds after which another bot takes over the runs of one that does not stir any more.",
    )
    retention_days: float = Field(
        90,
        alias="VPN_DIAGNOSE_RETENTION_DAYS",
        ge=1,
        le=3650,
        description="Days that a run is kept after its end; the audit trail is kept for ever.",
    )
    replicas: int = Field(
        1,
        alias="VPN_DIAGNOSE_REPLICAS",
        ge=1,
        le=100,
        description="How many bots share the database: each keeps to its part of Slack's and the cloud's quotas.",
    )
    slack_pace: float = Field(
        1,
        alias="VPN_DIAGNOSE_SLACK_PACE",
        gt=0,
        le=1000,
        description="How many times Slack's documented rates the bots keep to.",
    )
    most_runs: int = Field(
        10_000,
        alias="VPN_DIAGNOSE_MOST_RUNS",
        ge=1,
        description="Unfinished runs at which new ones are refused with a sentence.",
    )
    most_runs_per_person: int = Field(
        200,
        alias="VPN_DIAGNOSE_MOST_RUNS_PER_PERSON",
        ge=1,
        description="The same for one person: it stops a script gone wild, not people.",
    )
    most_runs_per_gateway: int = Field(
        500,
        alias="VPN_DIAGNOSE_MOST_RUNS_PER_GATEWAY",
        ge=1,
        description="The same for one gateway.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", alias="VPN_DIAGNOSE_LOG_FORMAT", description="How log lines look: text or json."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO",
        alias="VPN_DIAGNOSE_LOG_LEVEL",
        description="The least level that is logged: DEBUG, INFO, WARNING or ERROR.",
    )

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises `Problem("settings.…")` that names the variable and what would be right.

        A variable that is set to nothing counts as not set: that is how compose files say it.
        """
        _refuse_unknown(environ)
        try:
            return cls.model_validate({name: text for name, text in environ.items() if text})
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            name = str(first["loc"][0])
            raise Problem("settings.invalid", name=name, what=_LEAD_IN.sub("", first["msg"])) from None

    def needed_to_serve(self) -> None:
        """Raise `Problem("settings.missing")` for the first variable without which there is nothing to serve."""
        if self.slack_bot_token is None:
            raise Problem("settings.missing", name="SLACK_BOT_TOKEN")
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise Problem("settings.missing", name="SLACK_APP_TOKEN or SLACK_SIGNING_SECRET")


def variables() -> dict[str, FieldInfo]:
    """Return every variable's name with its default and meaning."""
    return {str(field.alias): field for field in Settings.model_fields.values()}


def environment(environ: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Return `environ` over the `.env` file in `directory`, if there is one.

    Raises `Problem("settings.invalid")` for one that is no text.
    """
    file = directory / ".env"
    try:
        from_file = dotenv_values(file) if file.is_file() else {}
    except UnicodeDecodeError:  # not handed on: it holds the file
        raise Problem("settings.invalid", name=".env", what="text in UTF-8") from None
    return {name: text for name, text in from_file.items() if text is not None} | dict(environ)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = variables()
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise Problem("settings.unknown", name=name, suggestion=near[0])
