"""Alibaba Cloud's public regions: those whose places have a name in `phrases/place.toml`."""

from bot.explain.phrases import phrases_of

PUBLIC_REGIONS = tuple(key.removeprefix("place.").replace("_", "-") for key in phrases_of("place"))
